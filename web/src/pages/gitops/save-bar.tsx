import { useState } from 'react'
import type { ConnectionView, ProofView } from '../../../../src/server/contract/connections.ts'
import type { Job } from '../../../../src/server/contract/live.ts'
import { ActionBar } from '../../ui/action-bar.tsx'
import { Button } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { type State, StateBadge } from '../../ui/state.tsx'
import styles from './gitops.module.css'

interface SaveBarProps {
  readonly name: string
  readonly host: string
  readonly saved?: ConnectionView
  readonly job?: Job
  readonly running: boolean
  /** Whether the job asked about what stands in the form now. */
  readonly current: boolean
  readonly outcome: ProofView['outcome'] | undefined
  /** Whether a new secret stands in the form. */
  readonly replaces: boolean
  readonly dirty: boolean
  /** Whether nothing changed that the host is asked about. */
  readonly free: boolean
  readonly busy: boolean
  readonly onSave: (insist: boolean) => void
}

/** Where one stands, and saving: of what is proven, or of what somebody insists on. */
export function SaveBar(props: SaveBarProps) {
  const { name, host, saved, outcome, current, dirty, free, replaces, running, busy, onSave } = props
  const [asking, setAsking] = useState(false)
  const unchanged = free && !replaces
  const proven = current && outcome === 'proven'
  const maySave = dirty && !running && (proven || unchanged)
  const { state, words } = wordsOf(props)
  return (
    <ActionBar>
      <p className={styles.saveState} role="status">
        {state === undefined ? <span>{words}</span> : <StateBadge state={state}>{words}</StateBadge>}
      </p>
      <div className={styles.saveButtons}>
        {!proven && !unchanged && (
          <Button kind="plain" disabled={running} onClick={() => setAsking(true)}>
            Save without proof…
          </Button>
        )}
        <Button kind="primary" disabled={!maySave} busy={busy} onClick={() => onSave(false)}>
          Save
        </Button>
      </div>
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        onConfirm={() => {
          setAsking(false)
          onSave(true)
        }}
        busy={busy}
        title={`Save ${name} without proof`}
        confirm="Save without proof"
        danger
      >
        <p>
          Sluice stores these settings{replaces && ' and the secret'}, and deploys nothing with them until every check
          has passed.
        </p>
        {saved?.state === 'proven' && (
          <p>
            {saved.name} is proven now. From the moment that you save, whatever deploys with it is refused
            {replaces && ', and the secret that works is gone'}.
          </p>
        )}
        <p>
          {host} is asked again every few minutes, and the connection opens by itself when it holds.{' '}
          {current && outcome === 'failed' ? 'The failure' : 'That there is no proof'} stands in the history, with your
          name.
        </p>
      </ConfirmDialog>
    </ActionBar>
  )
}

function wordsOf(props: SaveBarProps): { readonly state?: State; readonly words: string } {
  const { job, running, current, outcome, dirty, free, replaces, saved } = props
  if (running) return { state: 'moving', words: 'Asking the host' }
  if (current && outcome === 'proven')
    return { state: 'agreed', words: dirty ? 'Proven: ready to save' : 'Proven: nothing is changed' }
  if (!dirty && !(current && outcome !== undefined)) return { words: 'Nothing is changed' }
  if (free && !replaces && !(current && outcome !== undefined))
    return { words: 'The host need not be asked again for this' }
  if (job === undefined)
    return { words: saved === undefined ? 'Not validated yet' : 'Changed: validate before you save' }
  if (!current) return { state: 'attention', words: 'Changed since the checks: validate again' }
  if (outcome === 'unknown') return { state: 'attention', words: 'The host could not be asked' }
  const failed = job.steps.filter(step => step.state === 'failed').length
  return {
    state: 'broken',
    words: failed === 0 ? 'Not proven' : failed === 1 ? 'A check failed' : `${failed} checks failed`,
  }
}

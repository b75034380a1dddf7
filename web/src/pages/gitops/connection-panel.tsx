import { RotateCw } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useSearchParams } from 'wouter'
import type { ConnectionView, ForgeInfo } from '../../../../src/server/contract/connections.ts'
import type { Job } from '../../../../src/server/contract/live.ts'
import { jobEnded, useJob } from '../../data/jobs.ts'
import { resourceKey, useChange } from '../../data/resource.ts'
import { Button } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { StateBadge } from '../../ui/state.tsx'
import { type Tab, Tabs } from '../../ui/tabs.tsx'
import { toast } from '../../ui/toast.tsx'
import { Bindings } from './bindings.tsx'
import { ConnectionForm } from './connection-form.tsx'
import { FleetMove } from './fleet-move.tsx'
import styles from './gitops.module.css'
import { Overview } from './overview.tsx'
import { ProofHistory } from './proof-history.tsx'
import { ticks } from './tick.ts'
import { Webhook } from './webhook.tsx'

const stale = [resourceKey('/connections')]

/** One connection: what its tick means, its settings, where it is used, what was found before. */
export function ConnectionPanel({
  connection,
  forges,
  others,
  takeFocus,
  onRemoved,
}: {
  connection: ConnectionView
  forges: readonly ForgeInfo[]
  /** How many connections there are beside it. */
  others: number
  takeFocus: boolean
  onRemoved: () => void
}) {
  const { id, name, state, isDefault } = connection
  const [params, setParams] = useSearchParams()
  const [asked, setAsked] = useState<Job>()
  const [removing, setRemoving] = useState(false)
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (takeFocus) heading.current?.focus({ preventScroll: true })
  }, [takeFocus])
  const path = `/connections/${encodeURIComponent(id)}`
  const prove = useChange<Job>(() => ({ path: `${path}/prove` }), { onDone: setAsked })
  const followed = useJob(asked?.id)
  const job = followed.data?.id === asked?.id ? (followed.data ?? asked) : asked
  const makeDefault = useChange<ConnectionView>(() => ({ path: `${path}/default`, method: 'PUT' }), {
    stale,
    onDone: saved => toast('agreed', `${saved.name} is the default connection.`),
  })
  const remove = useChange<void>(() => ({ path, method: 'DELETE' }), {
    stale,
    onDone: () => {
      setRemoving(false)
      toast('agreed', `The connection ${name} is removed.`)
      onRemoved()
    },
  })
  const forge = forges.find(one => one.kind === connection.kind)
  const error = prove.error ?? makeDefault.error
  const show = (tab: string): void =>
    setParams(
      before => {
        const next = new URLSearchParams(before)
        next.set('connection', id)
        next.set('tab', tab)
        next.delete('open')
        return next
      },
      { replace: true },
    )
  const tabs: Tab[] = [
    { id: 'checks', title: 'Checks', content: <Overview connection={connection} job={job} /> },
    ...(forge !== undefined
      ? [
          {
            id: 'settings',
            title: 'Settings',
            content: (
              <ConnectionForm
                key={id}
                forges={forges}
                forge={forge}
                saved={connection}
                onSaved={() => {
                  setAsked(undefined)
                  show('checks')
                }}
              />
            ),
          },
        ]
      : []),
    {
      id: 'used',
      title: 'Used for',
      mark: connection.bindings.length === 0 ? undefined : connection.bindings.length,
      content: <Bindings key={id} connection={connection} />,
    },
    { id: 'webhook', title: 'Push webhook', content: <Webhook key={id} connection={connection} /> },
    { id: 'fleet', title: 'Fleet repository', content: <FleetMove key={id} connection={connection} /> },
    { id: 'history', title: 'History', content: <ProofHistory connection={connection} /> },
  ]
  const tab = tabs.find(one => one.id === params.get('tab'))?.id ?? 'checks'
  return (
    <section className={styles.panel} aria-label={name}>
      <header className={styles.panelHead}>
        <h2 ref={heading} tabIndex={-1}>
          {name}
        </h2>
        <StateBadge state={ticks[state].state}>{ticks[state].word}</StateBadge>
        <div className={styles.panelActions}>
          <Button
            icon={RotateCw}
            busy={prove.isPending || (job !== undefined && !jobEnded(job))}
            onClick={() => prove.mutate()}
          >
            Check now
          </Button>
          {!isDefault && (
            <Button busy={makeDefault.isPending} onClick={() => makeDefault.mutate()}>
              Make default
            </Button>
          )}
          <Button kind="plain" onClick={() => setRemoving(true)}>
            Remove…
          </Button>
        </div>
      </header>
      {error !== null && <ErrorPanel error={error} />}
      <Tabs label={`Parts of ${name}`} tabs={tabs} value={tab} onChange={show} />
      <ConfirmDialog
        open={removing}
        onClose={() => setRemoving(false)}
        onConfirm={() => remove.mutate()}
        busy={remove.isPending}
        title={`Remove the connection ${name}`}
        confirm="Remove connection"
        danger
        inGit="Nothing changes in Git: repositories and commits stay as they are."
      >
        <p>The stored secret is deleted. What is bound to this connection falls back to the default one.</p>
        {isDefault && others > 0 && <p>It is the default. Make another connection the default first.</p>}
        {others === 0 && <p>It is the only one: nothing deploys until another is connected.</p>}
        {remove.error !== null && <ErrorPanel error={remove.error} />}
      </ConfirmDialog>
    </section>
  )
}

import { useId, useState } from 'react'
import type { Grant } from '../../../../src/server/contract/access.ts'
import type { MadeApiToken, NewApiToken } from '../../../../src/server/contract/users.ts'
import { resourceKey, useChange } from '../../data/resource.ts'
import { useSession } from '../../data/session.tsx'
import { Button } from '../../ui/button.tsx'
import { Copy } from '../../ui/copy.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { Field } from '../../ui/field.tsx'
import { Select, TextInput } from '../../ui/inputs.tsx'
import styles from './access.module.css'
import { GrantsEditor } from './grants.tsx'

const lengths = [7, 30, 90, 180, 366]

/** Asks what the token is for and may do; then shows its text, this once. */
export function NewToken({ onClose }: { onClose: () => void }) {
  const { grants: own } = useSession()
  const id = useId()
  const [name, setName] = useState('')
  const [days, setDays] = useState(90)
  const [grants, setGrants] = useState<Grant[]>(own.slice(0, 1))
  const [made, setMade] = useState<MadeApiToken>()
  const create = useChange<MadeApiToken, NewApiToken>(body => ({ path: '/tokens', body }), {
    stale: [resourceKey('/tokens')],
    onDone: setMade,
  })
  if (made !== undefined) {
    return (
      <Dialog
        open
        onClose={onClose}
        title={`The token ${made.view.name}`}
        lead="Copy it now: it is shown this once, and nobody can read it again."
        actions={
          <Button kind="primary" onClick={onClose}>
            I have copied it
          </Button>
        }
      >
        <div className={styles.token}>
          <code>{made.token}</code>
          <Copy text={made.token} what="the token" />
        </div>
      </Dialog>
    )
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title="Make an API token"
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form={id} busy={create.isPending}>
            Make token
          </Button>
        </>
      }
    >
      <form
        id={id}
        className={styles.form}
        onSubmit={event => {
          event.preventDefault()
          create.mutate({ name: name.trim(), days, grants })
        }}
      >
        <Field label="Name" hint="What uses it: “nightly pipeline”." error={create.error?.field('name')}>
          <TextInput required value={name} onChange={event => setName(event.target.value)} />
        </Field>
        <Field label="Ends in" error={create.error?.field('days')}>
          <Select
            value={String(days)}
            onChange={event => setDays(Number(event.target.value))}
            options={lengths.map(n => ({ value: String(n), label: `${n} days` }))}
          />
        </Field>
        <GrantsEditor grants={grants} onChange={setGrants} error={create.error?.field('grants')} />
        {create.error !== null && <ErrorPanel error={create.error} />}
      </form>
    </Dialog>
  )
}

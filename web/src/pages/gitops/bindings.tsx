import { Plus, X } from 'lucide-react'
import { useState } from 'react'
import type { Binding, ConnectionView } from '../../../../src/server/contract/connections.ts'
import { resourceKey, useChange } from '../../data/resource.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { Field } from '../../ui/field.tsx'
import { TextInput } from '../../ui/inputs.tsx'
import { toast } from '../../ui/toast.tsx'
import styles from './gitops.module.css'

interface Row extends Binding {
  readonly key: number
}

/** Which projects and environments deploy with a connection. */
export function Bindings({ connection }: { connection: ConnectionView }) {
  const rowsOf = (bindings: readonly Binding[]): Row[] => bindings.map((one, key) => ({ ...one, key }))
  const [rows, setRows] = useState<readonly Row[]>(() => rowsOf(connection.bindings))
  const save = useChange<ConnectionView, readonly Binding[]>(
    bindings => ({
      path: `/connections/${encodeURIComponent(connection.id)}/bindings`,
      method: 'PUT',
      body: { bindings },
    }),
    {
      stale: [resourceKey('/connections')],
      onDone: saved => {
        setRows(rowsOf(saved.bindings))
        toast('agreed', `What ${saved.name} is used for is changed.`)
      },
    },
  )
  const plain = rows.map(({ project, environment }) => ({ project: project.trim(), environment: environment.trim() }))
  const changed = JSON.stringify(plain) !== JSON.stringify(connection.bindings)
  const whole = plain.every(one => one.project !== '' && one.environment !== '')
  const set = (key: number, change: Partial<Binding>): void =>
    setRows(rows.map(row => (row.key === key ? { ...row, ...change } : row)))
  return (
    <form
      className={styles.bindings}
      aria-label={`Where ${connection.name} is used`}
      onSubmit={event => {
        event.preventDefault()
        save.mutate(plain)
      }}
    >
      <p className={styles.lead}>
        {connection.isDefault
          ? 'It is the default: whatever no other connection is bound to deploys with it.'
          : rows.length === 0
            ? 'Nothing deploys with it: it is neither the default nor bound to a project or environment.'
            : 'These deploy with it. The closest binding counts: project and environment, then the project, then the environment.'}
      </p>
      {rows.map(row => (
        <div key={row.key} className={styles.binding}>
          <Field label="Project">
            <TextInput mono value={row.project} onChange={event => set(row.key, { project: event.target.value })} />
          </Field>
          <Field label="Environment">
            <TextInput
              mono
              value={row.environment}
              onChange={event => set(row.key, { environment: event.target.value })}
            />
          </Field>
          <IconButton
            label={`Remove ${row.project} in ${row.environment}`}
            icon={X}
            onClick={() => setRows(rows.filter(one => one.key !== row.key))}
          />
        </div>
      ))}
      {save.error !== null && <ErrorPanel error={save.error} />}
      <div className={styles.buttons}>
        <Button
          small
          icon={Plus}
          onClick={() =>
            setRows([...rows, { key: Math.max(-1, ...rows.map(row => row.key)) + 1, project: '*', environment: '*' }])
          }
        >
          Bind a project or environment
        </Button>
        {rows.length > 0 && <span className={styles.quiet}>* stands for every project or environment.</span>}
      </div>
      {(changed || save.isPending) && (
        <div className={styles.buttons}>
          <Button kind="primary" type="submit" disabled={!whole} busy={save.isPending}>
            Change bindings
          </Button>
          <Button kind="plain" onClick={() => setRows(rowsOf(connection.bindings))}>
            Undo
          </Button>
        </div>
      )}
    </form>
  )
}

import { LockKeyhole } from 'lucide-react'
import type { FleetAddCheck, FleetAddStart } from '../../../../../src/server/contract/fleet-add.ts'
import { Button } from '../../../ui/button.tsx'
import { RadioCards } from '../../../ui/choices.tsx'
import { Field } from '../../../ui/field.tsx'
import { Select, TextArea } from '../../../ui/inputs.tsx'
import styles from './add.module.css'
import type { Form } from './wish.ts'

/** Which cluster follows the repository: the server's own, or one that a kubeconfig reaches. */
export function ClusterChoice({
  form,
  start,
  check,
  onChange,
}: {
  form: Form
  start: FleetAddStart
  check: FleetAddCheck | undefined
  onChange: (change: Partial<Form>) => void
}) {
  const { cluster } = start
  const problem = check?.problems.find(one => one.field === 'kubeconfig')
  const read = form.kubeconfig === '' ? undefined : check?.kubeconfig
  return (
    <>
      <RadioCards
        label="Cluster that follows the repository"
        columns={2}
        value={form.cluster}
        onChange={next => onChange({ cluster: next })}
        choices={[
          {
            value: 'own',
            title: 'The cluster of this server',
            disabled: cluster === undefined,
            text:
              cluster === undefined ? (
                'It has none: start it with sluice serve --kubeconfig FILE.'
              ) : (
                <>
                  {cluster.server}
                  {cluster.follows === undefined
                    ? ', which follows nothing yet'
                    : `, which follows ${cluster.follows.url}`}
                </>
              ),
          },
          {
            value: 'other',
            title: 'Another cluster',
            text: 'By a kubeconfig with a token or a certificate; it is sealed until this is done, then forgotten.',
          },
        ]}
      />
      {form.cluster === 'other' &&
        (read?.server !== undefined ? (
          <div className={styles.two}>
            <Field label="Kubeconfig">
              <span className={styles.sealed}>
                <LockKeyhole size={16} aria-hidden />
                <code>{read.server}</code>
                <Button small onClick={() => onChange({ kubeconfig: '', context: '' })}>
                  Replace
                </Button>
              </span>
            </Field>
            <Field label="Context">
              <Select
                value={form.context === '' ? read.current : form.context}
                onChange={event => onChange({ context: event.target.value })}
                options={read.contexts.map(name => ({ value: name, label: name }))}
              />
            </Field>
          </div>
        ) : (
          <Field
            label="Kubeconfig"
            error={problem && `${problem.message} ${problem.next ?? ''}`}
            hint="kubectl config view --raw --flatten --minify gives it. Programs and files that it names are of another machine, and refused."
          >
            <TextArea
              mono
              rows={6}
              autoComplete="off"
              value={form.kubeconfig}
              onChange={event => onChange({ kubeconfig: event.target.value, context: '' })}
            />
          </Field>
        ))}
    </>
  )
}

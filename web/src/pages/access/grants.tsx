import { Plus, X } from 'lucide-react'
import type { Grant, Role } from '../../../../src/server/contract/access.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { Field } from '../../ui/field.tsx'
import { Select, TextInput } from '../../ui/inputs.tsx'
import styles from './access.module.css'

export const roleWords: Readonly<Record<Role, { readonly title: string; readonly may: string }>> = {
  viewer: { title: 'Viewer', may: 'sees everything, changes nothing' },
  operator: { title: 'Operator', may: 'deploys, scales and rolls back, by commit' },
  administrator: { title: 'Administrator', may: 'also connections, users and clusters' },
}

const everywhere = (grant: Grant): boolean => grant.project === '*' && grant.environment === '*'

/** `Operator of shop in production`. */
export function grantWords(grant: Grant): string {
  const { title } = roleWords[grant.role]
  if (everywhere(grant)) return `${title} everywhere`
  const project = grant.project === '*' ? '' : ` of ${grant.project}`
  const environment = grant.environment === '*' ? '' : ` in ${grant.environment}`
  return title + project + environment
}

/** All roles on one line; the rest of a long list in the drawer. */
export function grantsWords(grants: readonly Grant[]): string {
  return grants.length === 0 ? 'No role' : grants.map(grantWords).join(', ')
}

/** Roles and where they hold. */
export function GrantsEditor({
  grants,
  onChange,
  error,
}: {
  grants: readonly Grant[]
  onChange: (grants: Grant[]) => void
  error?: string | undefined
}) {
  const set = (index: number, change: Partial<Grant>): void =>
    onChange(grants.map((grant, at) => (at === index ? { ...grant, ...change } : grant)))
  return (
    <fieldset className={styles.grants}>
      <legend>Roles</legend>
      {grants.length === 0 && <p className={styles.none}>No role: may sign in, and sees nothing.</p>}
      {grants.map((grant, index) => (
        // A grant has no identity but its place.
        // biome-ignore lint/suspicious/noArrayIndexKey: rows are only added and removed
        <div key={index} className={styles.grant}>
          <Field label="Role">
            <Select
              value={grant.role}
              onChange={event => set(index, { role: event.target.value as Role })}
              options={Object.entries(roleWords).map(([value, words]) => ({ value, label: words.title }))}
            />
          </Field>
          <Field label="Project">
            <TextInput mono value={grant.project} onChange={event => set(index, { project: event.target.value })} />
          </Field>
          <Field label="Environment">
            <TextInput
              mono
              value={grant.environment}
              onChange={event => set(index, { environment: event.target.value })}
            />
          </Field>
          <IconButton
            label={`Remove ${grantWords(grant)}`}
            icon={X}
            onClick={() => onChange(grants.filter((_, at) => at !== index))}
          />
        </div>
      ))}
      {error !== undefined && <p className={styles.error}>{error}</p>}
      <div className={styles.grantsFoot}>
        <Button
          small
          icon={Plus}
          onClick={() => onChange([...grants, { role: 'viewer', project: '*', environment: '*' }])}
        >
          Add role
        </Button>
        <span>* stands for every project or environment.</span>
      </div>
    </fieldset>
  )
}

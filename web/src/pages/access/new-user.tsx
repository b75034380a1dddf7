import { useState } from 'react'
import type { Grant } from '../../../../src/server/contract/access.ts'
import type { NewUser as NewUserBody, User } from '../../../../src/server/contract/users.ts'
import { resourceKey, useChange } from '../../data/resource.ts'
import { Button } from '../../ui/button.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { Field } from '../../ui/field.tsx'
import { TextInput } from '../../ui/inputs.tsx'
import styles from './access.module.css'
import { GrantsEditor } from './grants.tsx'

/** A user who signs in with a password. Those of an OIDC issuer appear here when they first sign in. */
export function NewUser({ onMade }: { onMade: (user: User) => void }) {
  const [name, setName] = useState('')
  const [displayName, setDisplayName] = useState('')
  const [password, setPassword] = useState('')
  const [grants, setGrants] = useState<Grant[]>([{ role: 'viewer', project: '*', environment: '*' }])
  const create = useChange<User, NewUserBody>(body => ({ path: '/users', body }), {
    stale: [resourceKey('/users')],
    onDone: onMade,
  })
  const wrong = create.error
  return (
    <form
      className={styles.form}
      onSubmit={event => {
        event.preventDefault()
        const called = displayName.trim()
        create.mutate({ name: name.trim(), password, grants, ...(called === '' ? {} : { displayName: called }) })
      }}
    >
      <Field label="Name" hint="To sign in with." error={wrong?.field('name')}>
        <TextInput required value={name} onChange={event => setName(event.target.value)} />
      </Field>
      <Field
        label="Display name"
        optional
        hint="Stands in commits and in the audit."
        error={wrong?.field('displayName')}
      >
        <TextInput value={displayName} onChange={event => setDisplayName(event.target.value)} />
      </Field>
      <Field
        label="Password"
        hint="At least 12 characters. Give it to the person another way than by mail."
        error={wrong?.field('password')}
      >
        <TextInput
          type="password"
          autoComplete="new-password"
          required
          minLength={12}
          value={password}
          onChange={event => setPassword(event.target.value)}
        />
      </Field>
      <GrantsEditor grants={grants} onChange={setGrants} />
      {wrong !== null && <ErrorPanel error={wrong} />}
      <div className={styles.buttons}>
        <Button kind="primary" type="submit" busy={create.isPending}>
          Create user
        </Button>
      </div>
    </form>
  )
}

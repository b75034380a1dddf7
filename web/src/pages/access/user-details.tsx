import { useState } from 'react'
import type { Grant } from '../../../../src/server/contract/access.ts'
import type { User } from '../../../../src/server/contract/users.ts'
import { resourceKey, useChange } from '../../data/resource.ts'
import { useSession } from '../../data/session.tsx'
import { Button } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { Field } from '../../ui/field.tsx'
import { TextInput } from '../../ui/inputs.tsx'
import { Facts } from '../../ui/section.tsx'
import { ExactTime, RelativeTime } from '../../ui/time.tsx'
import { toast } from '../../ui/toast.tsx'
import styles from './access.module.css'
import { GrantsEditor, grantWords } from './grants.tsx'

const stale = [resourceKey('/users')]

export function UserDetails({ user }: { user: User }) {
  const { person } = useSession()
  const self = person.id === user.id
  return (
    <>
      <Facts
        facts={[
          { name: 'Display name', value: user.displayName },
          {
            name: 'Signs in with',
            value: [user.hasPassword && 'password', user.oidcIssuer].filter(Boolean).join(', ') || 'nothing yet',
          },
          { name: 'Added', value: <ExactTime at={user.createdAt} /> },
          { name: 'Last here', value: user.signedInAt === undefined ? 'never' : <RelativeTime at={user.signedInAt} /> },
          ...(user.grantsFromGroups.length === 0
            ? []
            : [{ name: 'From groups', value: user.grantsFromGroups.map(grantWords).join(', ') }]),
        ]}
      />
      <Roles user={user} />
      <Password user={user} />
      <Access user={user} self={self} />
    </>
  )
}

function Roles({ user }: { user: User }) {
  const [grants, setGrants] = useState<Grant[]>(user.grants)
  const save = useChange<User, Grant[]>(
    body => ({ path: `/users/${encodeURIComponent(user.id)}/grants`, method: 'PUT', body: { grants: body } }),
    { stale, onDone: () => toast('agreed', `The roles of ${user.name} are changed.`) },
  )
  const changed = JSON.stringify(grants) !== JSON.stringify(user.grants)
  return (
    <form
      className={styles.part}
      onSubmit={event => {
        event.preventDefault()
        save.mutate(grants)
      }}
    >
      <GrantsEditor grants={grants} onChange={setGrants} />
      {save.error !== null && <ErrorPanel error={save.error} />}
      <div className={styles.buttons}>
        <Button kind="primary" type="submit" disabled={!changed} busy={save.isPending}>
          Change roles
        </Button>
        {changed && (
          <Button kind="plain" onClick={() => setGrants(user.grants)}>
            Undo
          </Button>
        )}
      </div>
    </form>
  )
}

function Password({ user }: { user: User }) {
  const [password, setPassword] = useState('')
  const save = useChange<void, string>(
    body => ({ path: `/users/${encodeURIComponent(user.id)}/password`, method: 'PUT', body: { password: body } }),
    {
      stale,
      onDone: () => {
        setPassword('')
        toast('agreed', `${user.name} has a new password and is signed out everywhere.`)
      },
    },
  )
  return (
    <form
      className={styles.part}
      onSubmit={event => {
        event.preventDefault()
        save.mutate(password)
      }}
    >
      <Field label="New password" hint="Ends all sessions of this user." error={save.error?.field('password')}>
        <TextInput
          type="password"
          autoComplete="new-password"
          minLength={12}
          required
          value={password}
          onChange={event => setPassword(event.target.value)}
        />
      </Field>
      {save.error !== null && <ErrorPanel error={save.error} />}
      <div className={styles.buttons}>
        <Button type="submit" busy={save.isPending}>
          Set password
        </Button>
      </div>
    </form>
  )
}

function Access({ user, self }: { user: User; self: boolean }) {
  const [asking, setAsking] = useState(false)
  const disable = useChange<User, boolean>(
    disabled => ({ path: `/users/${encodeURIComponent(user.id)}/disabled`, method: 'PUT', body: { disabled } }),
    { stale, onDone: () => setAsking(false) },
  )
  const signOut = useChange<void>(
    () => ({ path: `/users/${encodeURIComponent(user.id)}/sessions`, method: 'DELETE' }),
    { onDone: () => toast('agreed', `${user.name} is signed out everywhere.`) },
  )
  const error = disable.error ?? signOut.error
  return (
    <div className={styles.part}>
      <h3>Access</h3>
      {error !== null && <ErrorPanel error={error} />}
      <div className={styles.buttons}>
        <Button busy={signOut.isPending} onClick={() => signOut.mutate()}>
          Sign out everywhere
        </Button>
        {user.disabled ? (
          <Button busy={disable.isPending} onClick={() => disable.mutate(false)}>
            Enable user
          </Button>
        ) : (
          <Button kind="danger" disabled={self} onClick={() => setAsking(true)}>
            Disable user
          </Button>
        )}
      </div>
      {self && <p className={styles.none}>This is you: somebody else has to disable you.</p>}
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        onConfirm={() => disable.mutate(true)}
        busy={disable.isPending}
        title={`Disable ${user.name}`}
        confirm="Disable user"
        danger
      >
        <p>All sessions end and API tokens stop working. Nothing changes in Git, and the user can be enabled again.</p>
      </ConfirmDialog>
    </div>
  )
}

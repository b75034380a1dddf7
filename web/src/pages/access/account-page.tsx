import { useState } from 'react'
import { api } from '../../data/api.ts'
import { useChange } from '../../data/resource.ts'
import { useSession } from '../../data/session.tsx'
import { Page } from '../../frame/page.tsx'
import { Button } from '../../ui/button.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { Field } from '../../ui/field.tsx'
import { TextInput } from '../../ui/inputs.tsx'
import { Facts, Section } from '../../ui/section.tsx'
import { toast } from '../../ui/toast.tsx'
import styles from './access.module.css'
import { grantWords } from './grants.tsx'

/** Who one is, what one may do, and one's password. */
export function AccountPage() {
  const { person, grants } = useSession()
  return (
    <Page title="Account" crumbs={[{ title: 'Account' }]}>
      <Facts
        facts={[
          { name: 'Name', value: person.name },
          { name: 'Display name', value: person.displayName },
          { name: 'Signed in with', value: person.via === 'oidc' ? 'OIDC' : person.via },
          {
            name: 'Roles',
            value: grants.length === 0 ? 'No role: ask an administrator for one' : grants.map(grantWords).join(', '),
          },
        ]}
      />
      {person.via === 'password' && (
        <Section title="Password" lead="Changing it ends your sessions elsewhere.">
          <ChangePassword />
        </Section>
      )}
      <Section title="Sessions">
        <SignOutEverywhere />
      </Section>
    </Page>
  )
}

function ChangePassword() {
  const [current, setCurrent] = useState('')
  const [password, setPassword] = useState('')
  const change = useChange<void, { current: string; password: string }>(
    body => ({ path: '/session/password', method: 'PUT', body, withoutSession: true }),
    {
      onDone: () => {
        setCurrent('')
        setPassword('')
        toast('agreed', 'Your password is changed.')
      },
    },
  )
  return (
    <form
      className={`${styles.form} ${styles.narrow}`}
      onSubmit={event => {
        event.preventDefault()
        change.mutate({ current, password })
      }}
    >
      <Field label="Current password" error={change.error?.field('current')}>
        <TextInput
          type="password"
          autoComplete="current-password"
          required
          value={current}
          onChange={event => setCurrent(event.target.value)}
        />
      </Field>
      <Field label="New password" hint="At least 12 characters." error={change.error?.field('password')}>
        <TextInput
          type="password"
          autoComplete="new-password"
          minLength={12}
          required
          value={password}
          onChange={event => setPassword(event.target.value)}
        />
      </Field>
      {change.error !== null && <ErrorPanel error={change.error} />}
      <div className={styles.buttons}>
        <Button type="submit" kind="primary" busy={change.isPending}>
          Change password
        </Button>
      </div>
    </form>
  )
}

function SignOutEverywhere() {
  const [error, setError] = useState<unknown>()
  return (
    <div className={styles.form}>
      <div className={styles.buttons}>
        <Button
          onClick={() =>
            void api('/session', { method: 'DELETE', query: { everywhere: true }, withoutSession: true }).then(
              () => location.assign('/'),
              setError,
            )
          }
        >
          Sign out everywhere
        </Button>
      </div>
      {error !== undefined && <ErrorPanel error={error} />}
    </div>
  )
}

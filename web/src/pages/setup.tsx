import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useLocation } from 'wouter'
import type { Session, Setup } from '../../../src/server/contract/access.ts'
import { api } from '../data/api.ts'
import type { ApiError } from '../data/api-error.ts'
import { useTakeSession } from '../data/session.tsx'
import { Button, LinkButton } from '../ui/button.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Field } from '../ui/field.tsx'
import { TextInput } from '../ui/inputs.tsx'
import { takeSetupSecret } from './setup-secret.ts'
import styles from './sign-in.module.css'
import { Door } from './sign-in.tsx'

const shortest = 12

/** First start: sets the administrator with the secret of the one-time link. */
export function SetupPage({ session }: { session: Session }) {
  const [secret] = useState(takeSetupSecret)
  if (!session.needsSetup) {
    return (
      <Door title="Sluice is set up" lead="The one-time link has done its work and does nothing any more.">
        <div className={styles.ways}>
          <LinkButton to="/" kind="primary">
            Go to the console
          </LinkButton>
        </div>
      </Door>
    )
  }
  if (secret === undefined) {
    return (
      <Door
        title="Set the administrator"
        lead="Sluice has no administrator yet. On its first start the server printed a link that works once: open that link."
      >
        <p className={styles.lead}>
          The link ends in <code>/setup#secret=…</code>. If it is lost, restart the server: it prints a new one.
        </p>
      </Door>
    )
  }
  return (
    <Door title="Set the administrator" lead="This account may do everything; others get theirs from it.">
      <SetupForm secret={secret} />
    </Door>
  )
}

function SetupForm({ secret }: { secret: string }) {
  const take = useTakeSession()
  const [, navigate] = useLocation()
  const [name, setName] = useState('admin')
  const [displayName, setDisplayName] = useState('')
  const [password, setPassword] = useState('')
  const [again, setAgain] = useState('')
  const [tried, setTried] = useState(false)
  const setup = useMutation<Session, ApiError, Setup>({
    mutationFn: body => api<Session>('/setup', { method: 'POST', body, withoutSession: true }),
    onSuccess: session => {
      navigate('/', { replace: true })
      take(session)
    },
  })
  const wrong = {
    name: name.trim() === '' ? 'A name is needed to sign in.' : setup.error?.field('name'),
    password:
      password.length < shortest
        ? `At least ${shortest} characters; it has ${password.length}.`
        : setup.error?.field('password'),
    again: again === password ? undefined : 'This is not the same password.',
  }
  return (
    <form
      className={styles.form}
      noValidate
      onSubmit={event => {
        event.preventDefault()
        setTried(true)
        if (name.trim() === '' || password.length < shortest || again !== password) return
        const shown = displayName.trim()
        setup.mutate({ secret, name: name.trim(), password, ...(shown === '' ? {} : { displayName: shown }) })
      }}
    >
      <Field label="Name" hint="To sign in with." error={tried ? wrong.name : undefined}>
        <TextInput
          name="username"
          autoComplete="username"
          value={name}
          onChange={event => setName(event.target.value)}
        />
      </Field>
      <Field label="Your name" optional hint="Stands in commits and in the audit.">
        <TextInput autoComplete="name" value={displayName} onChange={event => setDisplayName(event.target.value)} />
      </Field>
      <Field label="Password" hint={`At least ${shortest} characters.`} error={tried ? wrong.password : undefined}>
        <TextInput
          type="password"
          name="password"
          autoComplete="new-password"
          autoFocus
          value={password}
          onChange={event => setPassword(event.target.value)}
        />
      </Field>
      <Field label="Password again" error={tried ? wrong.again : undefined}>
        <TextInput
          type="password"
          autoComplete="new-password"
          value={again}
          onChange={event => setAgain(event.target.value)}
        />
      </Field>
      {setup.error !== null && <ErrorPanel error={setup.error} />}
      <Button kind="primary" type="submit" busy={setup.isPending}>
        Set the administrator
      </Button>
    </form>
  )
}

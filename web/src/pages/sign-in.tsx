import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { Session, SignIn } from '../../../src/server/contract/access.ts'
import { api } from '../data/api.ts'
import type { ApiError } from '../data/api-error.ts'
import { useTakeSession } from '../data/session.tsx'
import { Mark } from '../frame/mark.tsx'
import { Button } from '../ui/button.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Field } from '../ui/field.tsx'
import { TextInput } from '../ui/inputs.tsx'
import styles from './sign-in.module.css'

/** Signing in: with a password, or at an OIDC issuer. */
export function SignInPage({ session }: { session: Session }) {
  const take = useTakeSession()
  return (
    <Door title="Sign in" lead="Every change you make from here is a commit in your name.">
      <SignInForm session={session} onSignedIn={take} />
    </Door>
  )
}

/** The form alone; also in the dialog over a page whose session has ended. */
export function SignInForm({
  session,
  name: fixed,
  onSignedIn,
  newTab,
}: {
  session: Session
  name?: string
  onSignedIn: (session: Session) => void
  newTab?: boolean
}) {
  const [name, setName] = useState(fixed ?? '')
  const [password, setPassword] = useState('')
  const passwordInput = useRef<HTMLInputElement>(null)
  const signIn = useMutation<Session, ApiError, SignIn>({
    mutationFn: body => api<Session>('/session', { method: 'POST', body, withoutSession: true }),
    onSuccess: onSignedIn,
    onError: () => {
      setPassword('')
      passwordInput.current?.focus()
    },
  })
  const issuers = session.signIn.oidc.filter(issuer => issuer.href.startsWith('/') && !issuer.href.startsWith('//'))
  return (
    <div className={styles.ways}>
      {session.signIn.password && (
        <form
          className={styles.form}
          onSubmit={event => {
            event.preventDefault()
            if (name !== '' && password !== '') signIn.mutate({ name, password })
          }}
        >
          <Field label="Name">
            <TextInput
              name="username"
              autoComplete="username"
              autoFocus={fixed === undefined}
              required
              readOnly={fixed !== undefined}
              value={name}
              onChange={event => setName(event.target.value)}
            />
          </Field>
          <Field label="Password">
            <TextInput
              ref={passwordInput}
              type="password"
              name="password"
              autoComplete="current-password"
              autoFocus={fixed !== undefined}
              required
              value={password}
              onChange={event => setPassword(event.target.value)}
            />
          </Field>
          {signIn.error !== null && <ErrorPanel error={signIn.error} />}
          <Button kind="primary" type="submit" busy={signIn.isPending}>
            Sign in
          </Button>
        </form>
      )}
      {issuers.length > 0 && (
        <div className={styles.issuers}>
          {session.signIn.password && <p className={styles.or}>or</p>}
          {issuers.map(issuer => (
            <a
              key={issuer.id}
              href={issuer.href}
              className={styles.issuer}
              {...(newTab ? { target: '_blank', rel: 'noopener' } : {})}
            >
              Sign in with {issuer.title}
            </a>
          ))}
        </div>
      )}
    </div>
  )
}

/** What is shown to who is not in yet. */
export function Door({ title, lead, children }: { title: string; lead?: ReactNode; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Sluice`
  }, [title])
  return (
    <main className={styles.door}>
      <div className={styles.inner}>
        <p className={styles.brand}>
          <Mark size={24} />
          Sluice
        </p>
        <h1 className={styles.title}>{title}</h1>
        {lead !== undefined && <p className={styles.lead}>{lead}</p>}
        {children}
      </div>
    </main>
  )
}

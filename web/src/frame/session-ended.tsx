import { useQueryClient } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'
import type { Session } from '../../../src/server/contract/access.ts'
import { api } from '../data/api.ts'
import { sessionKey, useSession, useTakeSession } from '../data/session.tsx'
import { sessionGate } from '../data/session-gate.ts'
import { SignInForm } from '../pages/sign-in.tsx'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { toast } from '../ui/toast.tsx'
import styles from './session-ended.module.css'

/** Over a page whose session has ended: signing in again goes on where one was, with everything that was typed. */
export function SessionEnded() {
  const ended = useSyncExternalStore(sessionGate.subscribe, () => sessionGate.ended)
  const session = useSession()
  const client = useQueryClient()
  const take = useTakeSession()
  const onSignedIn = (next: Session): void => {
    if (next.person?.id === session.person.id) take(next)
    else {
      // Somebody else: nothing of the page before may stay.
      client.removeQueries({ predicate: query => query.queryKey[1] !== sessionKey[1] })
      location.assign('/')
    }
  }
  const check = async (): Promise<void> => {
    const next = await api<Session>('/session', { withoutSession: true })
    if (next.person === undefined) toast('attention', 'You are not signed in yet.')
    else onSignedIn(next)
  }
  const elsewhere = session.signIn.oidc.length > 0
  return (
    <Dialog
      open={ended}
      onClose={() => {}}
      insistent
      title="Your session has ended"
      lead="Sign in again and go on: what you typed is still there, and nothing was sent."
      actions={
        <>
          <Button kind="plain" onClick={() => location.assign('/')}>
            Leave this page
          </Button>
          {elsewhere && <Button onClick={() => void check()}>I have signed in</Button>}
        </>
      }
    >
      <div className={styles.form}>
        <SignInForm
          session={session}
          {...(session.person.via === 'password' ? { name: session.person.name } : {})}
          newTab
          onSignedIn={onSignedIn}
        />
      </div>
    </Dialog>
  )
}

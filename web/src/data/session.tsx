import { useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, use, useCallback } from 'react'
import type { Grant, Role, Session } from '../../../src/server/contract/access.ts'
import { api } from './api.ts'
import { live } from './live.ts'
import { resourceKey } from './resource.ts'
import { sessionGate } from './session-gate.ts'

/** A session with somebody in it. */
export type SignedIn = Session & { readonly person: NonNullable<Session['person']> }

export const sessionKey = resourceKey('/session')

const SessionContext = createContext<SignedIn | undefined>(undefined)

export function SessionProvider({ session, children }: { session: SignedIn; children: ReactNode }) {
  return <SessionContext value={session}>{children}</SessionContext>
}

/** Who is signed in. Inside the frame there always is somebody. */
export function useSession(): SignedIn {
  const session = use(SessionContext)
  if (session === undefined) throw new Error('useSession is used outside of the frame')
  return session
}

const ranks: Readonly<Record<Role, number>> = { viewer: 1, operator: 2, administrator: 3 }

/** Whether the grants hold `role`, in a scope where one is given. Only for what is shown: the server decides. */
export function holds(
  grants: readonly Grant[],
  role: Role,
  scope: { project?: string; environment?: string } = {},
): boolean {
  const covers = (granted: string, asked: string | undefined): boolean =>
    asked === undefined || granted === '*' || granted === asked
  return grants.some(
    g => ranks[g.role] >= ranks[role] && covers(g.project, scope.project) && covers(g.environment, scope.environment),
  )
}

/** `const may = useMay(); may('operator', { project: 'shop' })` */
export function useMay(): (role: Role, scope?: { project?: string; environment?: string }) => boolean {
  const { grants } = useSession()
  return useCallback((role, scope) => holds(grants, role, scope), [grants])
}

/** Takes a new session into use: after signing in, or again over the page. */
export function useTakeSession(): (session: Session) => void {
  const client = useQueryClient()
  return session => {
    client.setQueryData(sessionKey, session)
    sessionGate.open()
    live.restart()
    client.invalidateQueries({ predicate: query => query.queryKey[1] !== sessionKey[1] })
  }
}

/** Ends the session and leaves nothing of it in the page. */
export async function signOut(): Promise<void> {
  await api('/session', { method: 'DELETE', withoutSession: true })
  location.assign('/')
}

import { QueryClientProvider, useQuery } from '@tanstack/react-query'
import { useLocation } from 'wouter'
import type { Session } from '../../../src/server/contract/access.ts'
import { api } from '../data/api.ts'
import type { ApiError } from '../data/api-error.ts'
import { queryClient } from '../data/query-client.ts'
import { SessionProvider, type SignedIn, sessionKey } from '../data/session.tsx'
import { SetupPage } from '../pages/setup.tsx'
import { Door, SignInPage } from '../pages/sign-in.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { TooltipProvider } from '../ui/tooltip.tsx'
import { Shell } from './shell.tsx'

export function App() {
  return (
    <QueryClientProvider client={queryClient}>
      <TooltipProvider>
        <Start />
      </TooltipProvider>
    </QueryClientProvider>
  )
}

/** Who is there decides what is shown: the first setup, signing in, or the console. */
function Start() {
  const [path] = useLocation()
  const {
    data: session,
    error,
    refetch,
  } = useQuery<Session, ApiError>({
    queryKey: sessionKey,
    queryFn: ({ signal }) => api<Session>('/session', { signal, withoutSession: true }),
    staleTime: Number.POSITIVE_INFINITY,
  })
  if (session === undefined) {
    if (error === null) return null
    return (
      <Door title="Sluice cannot be reached">
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      </Door>
    )
  }
  if (path === '/setup' || (session.needsSetup && session.person === undefined)) return <SetupPage session={session} />
  if (session.person === undefined) return <SignInPage session={session} />
  return (
    <SessionProvider session={session as SignedIn}>
      <Shell />
    </SessionProvider>
  )
}

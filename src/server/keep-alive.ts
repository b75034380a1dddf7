import type { Principal } from '../access/index.ts'
import { redact } from '../secrets/secret.ts'
import type { ServerContext } from './context.ts'
import type { Members } from './members.ts'

/** Tabs hear a sign of life so often. */
const streamBeatMs = 15_000
const sweepEveryMs = 60 * 60_000

/** What the server does by itself: signs of life to others and to tabs, rights of open tabs, sweeping. Ends with the signal. */
export async function keepAlive(context: ServerContext, members: Members): Promise<void> {
  const { clock, signal, logger, live, jobs, periodic, access, store } = context
  live.onControl(control => {
    if (control.kind !== 'recheck') return
    // Browsers come back at once, with the rights that they have now.
    live.endWhere(listener => listener.principal.person.id === control.user)
  })
  periodic.add('sweep', sweepEveryMs, async () => {
    await access.sessions.sweep()
    await jobs.sweep()
  })
  const streamBeats = Math.ceil(streamBeatMs / members.everyMs)
  for (let turn = 1; !signal.aborted; turn++) {
    await clock.sleep(members.everyMs, signal).catch(() => {})
    if (signal.aborted) return
    try {
      // First: a sign of life is a write, too.
      await store.tryAgain()
      await members.beat()
      // Also of servers that went away by themselves.
      await jobs.takeOrphans()
      if (turn % streamBeats === 0) {
        live.beat()
        await endExpired(context)
      }
    } catch (error) {
      logger.warn('the server could not give a sign of life', {
        error: redact(String((error as Error)?.message ?? error)),
      })
    }
  }
}

/**
 * Ends tabs whose session or token has ended since they came, or gives other rights by now: an issuer took a group away at a
 * sign-in elsewhere, or another server's word of it was lost.
 */
export async function endExpired({ live, access }: Pick<ServerContext, 'live' | 'access'>): Promise<void> {
  const rights = new Map<string, string | undefined>()
  const keyOf = ({ session, token }: Principal) => session ?? token ?? ''
  for (const { principal } of live.all()) {
    const key = keyOf(principal)
    if (rights.has(key)) continue
    const now =
      principal.session !== undefined
        ? await access.sessions.byHash(principal.session, true)
        : await access.tokens.byId(principal.token ?? '')
    rights.set(key, now && rightsOf(now))
  }
  live.endWhere(({ principal }) => {
    const key = keyOf(principal)
    return rights.has(key) && rights.get(key) !== rightsOf(principal)
  })
}

function rightsOf({ grants }: Principal): string {
  return JSON.stringify(grants.map(({ role, project, environment }) => [role, project, environment].join(' ')).sort())
}

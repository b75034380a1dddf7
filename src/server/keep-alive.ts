import { redact } from '../secrets/secret.ts'
import type { ServerContext } from './context.ts'
import type { Members } from './members.ts'

/** Tabs hear a sign of life so often. */
const streamBeatMs = 15_000
const sweepEveryMs = 60 * 60_000

/** What the server does by itself: signs of life to others and to tabs, rights of open tabs, sweeping. Ends with the signal. */
export async function keepAlive(context: ServerContext, members: Members): Promise<void> {
  const { clock, signal, logger, live, jobs, periodic, access } = context
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

/** Ends tabs whose session or token has ended since they came. */
async function endExpired({ live, access }: ServerContext): Promise<void> {
  const checked = new Map<string, boolean>()
  for (const { principal } of live.all()) {
    const key = principal.session ?? principal.token ?? ''
    if (checked.has(key)) continue
    const still =
      principal.session !== undefined
        ? await access.sessions.byHash(principal.session, true)
        : await access.tokens.byId(principal.token ?? '')
    checked.set(key, still !== undefined)
  }
  live.endWhere(({ principal }) => checked.get(principal.session ?? principal.token ?? '') === false)
}

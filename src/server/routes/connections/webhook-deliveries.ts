import { redact } from '../../../secrets/secret.ts'
import { findWebhook, putWebhook } from '../../../store/tables/connection-webhooks.ts'
import { findConnection } from '../../../store/tables/connections.ts'
import type { ServerContext } from '../../context.ts'
import type { CallVerdict } from './webhook-proof.ts'

/** Anybody may call the address: refused calls are written down no more often than this, in milliseconds. */
const refusedEveryMs = 2000

export async function noteVerified({ store, clock, live }: ServerContext, id: string, event: string): Promise<void> {
  await putWebhook(store.db, id, { verified_at: clock.now().toISOString(), verified_event: event })
  live.publish({ topic: 'connections' })
}

/** Behind the answer: how long it takes to write it down would tell whether there is such a connection. */
export function noteRefused(
  context: ServerContext,
  id: string,
  { event, why }: { readonly event: string; readonly why: CallVerdict },
): void {
  const { store, clock, live, logger } = context
  const note = async () => {
    if ((await findConnection(store.db, id)) === undefined) return
    const before = await findWebhook(store.db, id)
    const now = clock.now()
    const sameAsBefore = before?.refused_why === why && before.refused_event === event
    const age = now.getTime() - Date.parse(before?.refused_at ?? '1970-01-01')
    if (age < (sameAsBefore ? refusedEveryMs : refusedEveryMs / 10)) return
    await putWebhook(store.db, id, { refused_at: now.toISOString(), refused_event: event, refused_why: why })
    live.publish({ topic: 'connections' })
  }
  note().catch(error => logger.debug('a refused delivery could not be noted', { error: redact(String(error)) }))
}

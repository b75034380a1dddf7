import {
  type Connection,
  type ConnectionCredential,
  type ConnectionDraft,
  openConnection,
  prove,
} from '../connections/index.ts'
import { listAudit } from '../store/tables/audit.ts'
import type { ServerContext } from './context.ts'

/**
 * Connects a Git host that is known before anybody has signed in, when there never was a connection: one that a person removed
 * does not come back. It is proven and saved as a person's would be; what does not prove is not saved.
 */
export async function connectFirst(
  context: ServerContext,
  draft: ConnectionDraft,
  credential: ConnectionCredential,
  signal: AbortSignal,
): Promise<Connection | undefined> {
  const { connections, store, clock, logger, audit, live } = context
  const action = 'connection.create'
  const before = await listAudit(store.db, { action, limit: 1 })
  if (before.length > 0 || (await connections.list()).length > 0) return undefined
  const forge = openConnection(draft, credential, { clock, logger })
  try {
    const lines = prove(forge, draft, { clock, signal })
    for (;;) {
      const next = await lines.next()
      if (!next.done) continue
      const proof = next.value
      const { outcome } = proof
      if (outcome !== 'proven') {
        logger.warn('the Git host did not prove, and is not connected', { host: draft.host, outcome })
        return undefined
      }
      const saved = await connections.create({ draft, credential, proof, by: 'server' })
      const detail = { host: saved.host, owner: saved.settings.owner, outcome }
      await audit.write({ action, object: `connection ${saved.name}`, outcome: 'done', detail })
      live.publish({ topic: 'connections' })
      return saved
    }
  } finally {
    await forge.close()
  }
}

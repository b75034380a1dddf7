import { type Connection, isDue, openConnection, type Proof, prove, stateOf } from '../connections/index.ts'
import { redact } from '../secrets/secret.ts'
import type { ServerContext } from './context.ts'

/** How often it is looked which connections are due, in milliseconds. */
const lookEveryMs = 20_000
/** One diagnosis takes no longer. */
const proofMs = 2 * 60_000

/** Proves every saved connection again when it is due, on one of the servers, so that a tick says what is true now. */
export function keepProving(context: ServerContext, everyMs = lookEveryMs): void {
  const { periodic, connections, clock, logger } = context
  periodic.add('prove connections', everyMs, async signal => {
    for (const connection of await connections.list()) {
      if (signal.aborted) return
      if (!isDue(connection, clock.now())) continue
      await proveSaved(context, connection, signal).catch(error =>
        logger.warn('a connection could not be proven', { connection: connection.name, error: redact(String(error)) }),
      )
    }
  })
}

/** Proves one saved connection, keeps what was found, and tells of a state that changed. */
export async function proveSaved(
  context: ServerContext,
  connection: Connection,
  signal: AbortSignal,
  onLine: (line: Proof['lines'][number]) => void = () => {},
): Promise<Proof> {
  const { connections, clock, logger, live, audit } = context
  const credential = await connections.credential(connection.id)
  const forge = openConnection(connection, credential, { clock, logger })
  try {
    const lines = prove(forge, connection, { clock, signal: AbortSignal.any([signal, AbortSignal.timeout(proofMs)]) })
    for (;;) {
      const next = await lines.next()
      if (!next.done) {
        onLine(next.value)
        continue
      }
      const proof = next.value
      const before = stateOf(connection, clock.now()).state
      if (!(await connections.recordProof(connection.id, connection.version, proof))) return proof
      const after = stateOf(await connections.get(connection.id), clock.now())
      live.publish({ topic: 'connections' })
      if (after.state !== before) {
        const object = `connection ${connection.name}`
        const outcome = after.state === 'proven' || after.state === 'attention' ? 'done' : 'failed'
        await audit.write({ action: 'connection.state', object, outcome, detail: { before, ...after } })
      }
      return proof
    }
  } finally {
    await forge.close()
  }
}

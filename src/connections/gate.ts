import { SluiceError } from '../base/errors/index.ts'
import { plainStateOf } from './state.ts'
import { shownHost } from './target.ts'
import type { Connection } from './types.ts'

/** Why nothing deploys, or the connection that it deploys with. */
export type Gate =
  | { readonly open: true; readonly connection: Connection }
  | {
      readonly open: false
      /** The connection that would be used; undefined when there is none. */
      readonly connection: Connection | undefined
      /** A sentence. */
      readonly why: string
      readonly next: string
    }

/** The connection of a project and environment: the closest binding, then the default. */
export function connectionFor(
  connections: readonly Connection[],
  at: { readonly project: string; readonly environment: string },
): Connection | undefined {
  const places = [
    [at.project, at.environment],
    [at.project, '*'],
    ['*', at.environment],
    ['*', '*'],
  ]
  for (const [project, environment] of places) {
    const found = connections.find(one =>
      one.bindings.some(bound => bound.project === project && bound.environment === environment),
    )
    if (found) return found
  }
  return connections.find(one => one.isDefault)
}

/**
 * Whether a project may deploy to an environment: only with a connection that is proven. This is the one place where that is
 * decided.
 */
export function gateFor(
  connections: readonly Connection[],
  at: { readonly project: string; readonly environment: string },
  now: Date,
): Gate {
  const connection = connectionFor(connections, at)
  if (!connection) {
    const why = 'Sluice has no connection to a Git host, so there is nowhere to commit to.'
    return { open: false, connection, why, next: 'Add a connection under Global configuration › GitOps.' }
  }
  const { state, reason } = plainStateOf(connection, now)
  if (state === 'proven' || state === 'attention') return { open: true, connection }
  const why =
    state === 'unproven'
      ? `The connection ${connection.name} to ${shownHost(connection)} is not proven: ${reason}.`
      : `The connection ${connection.name} to ${shownHost(connection)} does not hold any more: ${reason}.`
  return { open: false, connection, why, next: 'Mend it under Global configuration › GitOps, and validate it.' }
}

/** @throws E_GATE_CLOSED */
export function requireOpenGate(...parameters: Parameters<typeof gateFor>): Connection {
  const gate = gateFor(...parameters)
  if (gate.open) return gate.connection
  throw new SluiceError('E_GATE_CLOSED', {
    object: gate.connection ? `connection ${gate.connection.name}` : 'connections to Git hosts',
    seen: gate.why,
    next: gate.next,
    details: { connection: gate.connection?.id },
  })
}

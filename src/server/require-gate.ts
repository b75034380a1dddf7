import { type Connection, type Gate, gateFor, requireOpenGate } from '../connections/index.ts'
import type { ServerContext } from './context.ts'

/** Where something is to be deployed; `*` stands for every one. */
export interface GatePlace {
  readonly project: string
  readonly environment: string
}

type GateContext = Pick<ServerContext, 'connections' | 'clock'>

/**
 * The connection that a project deploys to an environment with. Every route that commits asks this before anything else, and
 * uses the connection that it answers with.
 *
 * @throws E_GATE_CLOSED with why, and what to do about it
 */
export async function requireGate(context: GateContext, place: GatePlace): Promise<Connection> {
  return requireOpenGate(await context.connections.list(), place, context.clock.now())
}

/** The same as data, for pages that say it before somebody tries. */
export async function readGateOf(context: GateContext, place: GatePlace): Promise<Gate> {
  return gateFor(await context.connections.list(), place, context.clock.now())
}

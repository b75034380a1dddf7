import { allows, everything, type Principal, touches } from '../access/index.ts'
import { type Connection, plainStateOf, shownHost } from '../connections/index.ts'
import type { ConnectionGlance } from './contract/connections.ts'

/** Whoever sets connections sees everything of them. */
export function seesWhole({ grants }: Principal): boolean {
  return allows(grants, 'administrator', everything)
}

/** Whether somebody can reach a place that deploys with a connection: the default one is for every place that has no other. */
export function seesConnection(who: Principal, { isDefault, bindings }: Connection): boolean {
  return seesWhole(who) || isDefault || bindings.some(place => touches(who.grants, 'viewer', place))
}

/** What is needed to understand the gate of the places that one reaches, and no more. */
export function glanceOf(who: Principal, connection: Connection, now: Date): ConnectionGlance {
  const { id, name, kind, isDefault, proof, provenAt, bindings } = connection
  return {
    id,
    name,
    kind,
    host: shownHost(connection),
    isDefault,
    ...plainStateOf(connection, now),
    ...(proof === undefined ? {} : { lookedAt: proof.at }),
    ...(provenAt === undefined ? {} : { provenAt }),
    bindings: bindings.filter(place => touches(who.grants, 'viewer', place)).map(place => ({ ...place })),
  }
}

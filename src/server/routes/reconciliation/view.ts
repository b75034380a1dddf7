import { allows, type Principal, type Role, type Scope } from '../../../access/index.ts'
import { SluiceError } from '../../../base/errors/index.ts'
import {
  countStates,
  eventKey,
  type GraphNode,
  type GraphSnapshot,
  type GraphWatch,
} from '../../../insight/graph/index.ts'
import { type ObjectRef, refKey } from '../../../kube/identity.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { redact } from '../../../secrets/secret.ts'
import type { ServerContext } from '../../context.ts'
import type { EventView, GraphRow, ObjectName } from '../../contract/reconciliation.ts'

/** Ids of objects in addresses: names of objects hold every character that an address must not. */
export const idOf = (key: string): string => Buffer.from(key).toString('base64url')
const keyOf = (id: string): string => Buffer.from(id, 'base64url').toString('utf8')

/** Where an object is: what a role has to reach. What no label places is seen by those who see everything. */
export function scopeOf(node: GraphNode): Scope {
  return { project: node.place.project ?? '*', environment: node.place.environment ?? '*' }
}

export function sees(principal: Principal, node: GraphNode | undefined, role: Role = 'viewer'): node is GraphNode {
  return node !== undefined && allows(principal.grants, role, scopeOf(node))
}

/** The watch. Fails with E_NOT_FOUND where the server has no cluster. */
export function watchOf(context: ServerContext): GraphWatch {
  if (context.reconciliation === undefined) throw new SluiceError('E_NOT_FOUND', { object: 'a cluster of this server' })
  return context.reconciliation
}

/** An object of the graph, by its id, as far as `who` sees it. What is not in the graph is not shown, whatever the cluster has. */
export function nodeOf(context: ServerContext, id: string, who?: Principal): GraphNode {
  const node = watchOf(context).snapshot().nodes.get(keyOf(id))
  if (node === undefined || (who !== undefined && !sees(who, node)))
    throw new SluiceError('E_NOT_FOUND', { object: 'an object that Flux knows of' })
  return node
}

export function nameOf(ref: ObjectRef): ObjectName {
  const { kind, group, namespace, name } = ref
  return { id: idOf(refKey(ref)), kind, group, namespace, name }
}

export function rowOf(node: GraphNode, { nodes }: GraphSnapshot): GraphRow {
  const owner = node.owner === undefined ? undefined : nodes.get(node.owner)
  const { role, state, word, message, revision, since, from, suspended, touched, place } = node
  const source = node.source === undefined ? undefined : nodes.get(node.source)
  const wanted = source?.ref.kind === 'GitRepository' && role === 'applier' ? source.revision : undefined
  const children = node.children.map(key => nodes.get(key)).filter(one => one !== undefined)
  return {
    ...nameOf(node.ref),
    ...{ role, state, word, suspended },
    ...(message === undefined ? {} : { message: redact(message) }),
    ...(revision === undefined ? {} : { revision }),
    ...(wanted === undefined ? {} : { wanted }),
    ...(since === undefined ? {} : { since }),
    ...(from === undefined ? {} : { from }),
    ...place,
    ...(owner === undefined ? {} : { owner: nameOf(owner.ref) }),
    ...(touched === undefined ? {} : { touched }),
    ...(role === 'applier' ? { counts: countStates(children) } : {}),
  }
}

/** Events of what one may see, newest first. */
export function eventsFor(watch: GraphWatch, principal: Principal, limit: number, about?: string): EventView[] {
  const { nodes } = watch.snapshot()
  const found: EventView[] = []
  for (const event of watch.events()) {
    const key = eventKey(event)
    if (about !== undefined && key !== about) continue
    const node = nodes.get(key)
    if (sees(principal, node)) found.push(eventView(event, node))
  }
  return found.sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : a.id < b.id ? 1 : -1)).slice(0, limit)
}

function eventView(event: KubeObject, node: GraphNode): EventView {
  const text = (field: string) => (typeof event[field] === 'string' ? (event[field] as string) : '')
  const source = event['source'] as { component?: unknown } | undefined
  const by = typeof source?.component === 'string' ? source.component : text('reportingComponent')
  return {
    id: event.metadata.uid ?? event.metadata.name ?? '',
    type: text('type'),
    reason: text('reason').slice(0, 128),
    message: redact(text('message')),
    at:
      text('lastTimestamp') || text('eventTime') || text('firstTimestamp') || (event.metadata.creationTimestamp ?? ''),
    count: typeof event['count'] === 'number' ? event['count'] : 1,
    by: by.slice(0, 128),
    about: nameOf(node.ref),
  }
}

import { z } from 'zod'
import { countStates, foldGraph, type GraphNode, type GraphSnapshot, worstFirst } from '../../../insight/graph/index.ts'
import type { ServerContext } from '../../context.ts'
import {
  eventListSchema,
  type GraphView,
  graphSchema,
  graphStateSchema,
  objectListSchema,
  reconciliationSchema,
} from '../../contract/reconciliation.ts'
import { defineRoute } from '../../http/route.ts'
import { eventsFor, idOf, nodeOf, rowOf, sees, watchOf } from './view.ts'

const mostTroubled = 100
const viewerSomewhere = { role: 'viewer', scope: 'somewhere' } as const

export const readReconciliation = defineRoute({
  method: 'get',
  path: '/api/v1/reconciliation',
  tag: 'reconciliation',
  summary: 'Objects of Flux and how they stand, what needs somebody first',
  needs: viewerSomewhere,
  answer: reconciliationSchema,
  async handle({ context, who }) {
    const watch = context.reconciliation
    const none = { counts: countStates([]), rows: [], troubled: [], troubledMore: 0, kinds: [] }
    if (watch === undefined) return { cluster: 'none' as const, ...none }
    const snapshot = watch.snapshot()
    const mine = [...snapshot.nodes.values()].filter(node => sees(who, node))
    const flux = mine.filter(node => node.role !== 'object').sort(worstFirst)
    const troubled = mine.filter(node => node.role === 'object' && node.state !== 'agreed').sort(worstFirst)
    const kinds = new Map<string, number>()
    for (const { ref } of mine) kinds.set(ref.kind, (kinds.get(ref.kind) ?? 0) + 1)
    const { trouble } = watch
    return {
      cluster: trouble !== undefined ? ('away' as const) : watch.ready ? ('watching' as const) : ('reading' as const),
      ...(trouble === undefined ? {} : { trouble }),
      counts: countStates(mine),
      rows: flux.map(node => rowOf(node, snapshot)),
      troubled: troubled.slice(0, mostTroubled).map(node => rowOf(node, snapshot)),
      troubledMore: Math.max(0, troubled.length - mostTroubled),
      kinds: [...kinds].map(([kind, count]) => ({ kind, count })).sort((a, b) => (a.kind < b.kind ? -1 : 1)),
    }
  },
})

export const listObjects = defineRoute({
  method: 'get',
  path: '/api/v1/reconciliation/objects',
  tag: 'reconciliation',
  summary: 'Objects of Flux and what they applied, by state, kind, owner and name',
  needs: viewerSomewhere,
  query: z.object({
    state: graphStateSchema.optional(),
    kind: z.string().max(100).optional(),
    /** A part of the namespace and name, in any case. */
    q: z.string().max(200).optional(),
    owner: z.string().max(1000).optional(),
    limit: z.coerce.number().int().min(1).max(10_000).default(500),
    offset: z.coerce.number().int().min(0).default(0),
  }),
  answer: objectListSchema,
  async handle({ context, who, query }) {
    if (context.reconciliation === undefined) return { rows: [], total: 0 }
    const snapshot = context.reconciliation.snapshot()
    const { state, kind, q = '', owner, limit, offset } = query
    const text = q.toLowerCase()
    const ownerKey = owner === undefined ? undefined : nodeOf(context, owner).key
    const found = [...snapshot.nodes.values()].filter(
      node =>
        (state === undefined || node.state === state) &&
        (kind === undefined || node.ref.kind === kind) &&
        (ownerKey === undefined || node.owner === ownerKey) &&
        (text === '' || `${node.ref.kind}/${node.ref.namespace}/${node.ref.name}`.toLowerCase().includes(text)) &&
        sees(who, node),
    )
    const rows = found.sort(worstFirst).slice(offset, offset + limit)
    return { rows: rows.map(node => rowOf(node, snapshot)), total: found.length }
  },
})

export const readGraph = defineRoute({
  method: 'get',
  path: '/api/v1/reconciliation/graph',
  tag: 'reconciliation',
  summary: 'The graph from source to object as a picture: folded by kind, what is not healthy one by one',
  needs: viewerSomewhere,
  query: z.object({
    /** Id of a source, Kustomization or HelmRelease; everything when absent. */
    root: z.string().max(1000).optional(),
    /** Ids of folds to open, with commas between. */
    open: z.string().max(10_000).default(''),
  }),
  answer: graphSchema,
  async handle({ context, who, query }) {
    if (context.reconciliation === undefined) return { nodes: [], edges: [], left: 0 }
    const root = query.root === undefined ? undefined : nodeOf(context, query.root).key
    return graphView(context, {
      ...(root === undefined ? {} : { root }),
      open: new Set(
        query.open
          .split(',')
          .filter(Boolean)
          .map(id => Buffer.from(id, 'base64url').toString('utf8')),
      ),
      sees: node => sees(who, node),
    })
  },
})

function graphView(context: ServerContext, request: Parameters<typeof foldGraph>[1]): GraphView {
  const snapshot: GraphSnapshot = watchOf(context).snapshot()
  const { nodes, edges, left } = foldGraph(snapshot, request)
  return {
    nodes: nodes.map(box =>
      box.kind === 'one'
        ? { box: 'one' as const, ...rowOf(box.node as GraphNode, snapshot) }
        : { box: 'fold' as const, id: idOf(box.id), kind: box.of, counts: box.counts, state: box.state },
    ),
    edges: edges.map(({ from, to, kind }) => ({ from: idOf(from), to: idOf(to), kind })),
    left,
  }
}

export const listEvents = defineRoute({
  method: 'get',
  path: '/api/v1/reconciliation/events',
  tag: 'reconciliation',
  summary: 'Events of the cluster about what one may see, newest first',
  needs: viewerSomewhere,
  query: z.object({ limit: z.coerce.number().int().min(1).max(1000).default(200) }),
  answer: eventListSchema,
  handle: async ({ context, who, query }) => ({
    events: context.reconciliation === undefined ? [] : eventsFor(context.reconciliation, who, query.limit),
  }),
})

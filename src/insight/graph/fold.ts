import { formatRef } from '../../kube/identity.ts'
import { type GraphNode, type GraphSnapshot, type GraphState, graphStates } from './types.ts'

export type StateCounts = Readonly<Record<GraphState, number>>

/** A box of the picture: one object, or many of a kind that one applier applied. */
export type FoldedNode =
  | { readonly kind: 'one'; readonly id: string; readonly node: GraphNode }
  | {
      readonly kind: 'fold'
      readonly id: string
      readonly parent: string
      readonly of: string
      readonly counts: StateCounts
      readonly state: GraphState
    }

export interface FoldedEdge {
  readonly from: string
  readonly to: string
  readonly kind: 'source' | 'applied' | 'depends'
}

export interface FoldedGraph {
  readonly nodes: readonly FoldedNode[]
  readonly edges: readonly FoldedEdge[]
  /** Objects that were left out of the picture because it holds no more. */
  readonly left: number
}

export interface FoldRequest {
  /** Key of the source or applier to begin at; everything when absent. */
  readonly root?: string
  /** Folds to open, by id. */
  readonly open: ReadonlySet<string>
  /** Whether somebody may see an object. */
  readonly sees: (node: GraphNode) => boolean
}

/** Boxes of a picture that people can still read, and that is laid out in a moment. */
const mostBoxes = 300
/** Objects of a kind that need nobody are shown one by one up to so many. */
const fewOfAKind = 3
/** Objects of a kind that need somebody. */
const mostTroubled = 12
const mostOpened = 100

/**
 * The graph as a picture: from source to applier to object, folded by kind. What is not healthy stands alone and comes
 * first; what is, is folded and counted.
 */
export function foldGraph({ nodes }: GraphSnapshot, { root, open, sees }: FoldRequest): FoldedGraph {
  const bySource = new Map<string, GraphNode[]>()
  for (const node of nodes.values()) {
    if (node.source === undefined) continue
    const users = bySource.get(node.source) ?? []
    bySource.set(node.source, users)
    users.push(node)
  }
  const boxes = new Map<string, FoldedNode>()
  const edges = new Map<string, FoldedEdge>()
  let left = 0
  const edge = (from: string, to: string, kind: FoldedEdge['kind']) =>
    from !== to && edges.set(`${from}>${to}`, { from, to, kind })
  const queue: GraphNode[] = []
  const show = (node: GraphNode): boolean => {
    if (boxes.has(node.key)) return true
    if (boxes.size >= mostBoxes) {
      left++
      return false
    }
    boxes.set(node.key, { kind: 'one', id: node.key, node })
    queue.push(node)
    return true
  }
  const start =
    root === undefined ? roots(nodes, sees) : [nodes.get(root)].filter(one => one !== undefined && sees(one))
  for (const node of start as GraphNode[]) show(node)
  for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
    const source = node.source === undefined ? undefined : nodes.get(node.source)
    if (source !== undefined && sees(source) && show(source)) edge(source.key, node.key, 'source')
    // A picture of one applier shows where it comes from, not everything else that comes from there.
    if (root === undefined || node.key === root || nodes.get(root)?.role === 'source') {
      for (const user of (bySource.get(node.key) ?? []).filter(sees).sort(worstFirst))
        if (show(user)) edge(node.key, user.key, 'source')
    }
    const children = node.children
      .map(key => nodes.get(key))
      .filter(one => one !== undefined && sees(one)) as GraphNode[]
    for (const [kind, all] of byKind(children)) {
      const id = `fold:${node.key}:${kind}`
      const { shown, folded } = choose(all, open.has(id))
      // What applies its own source, as `flux bootstrap` has it, comes after it: no line leads back.
      for (const child of shown) if (show(child) && child.key !== node.source) edge(node.key, child.key, 'applied')
      if (folded.length === 0) continue
      const counts = countStates(folded)
      boxes.set(id, { kind: 'fold', id, parent: node.key, of: kind, counts, state: worst(counts) })
      edge(node.key, id, 'applied')
    }
    for (const key of node.dependsOn) if (boxes.has(key)) edge(key, node.key, 'depends')
  }
  // What was applied out of a source by another that takes it from there too is led to by that one.
  const isSaid = ({ from, to, kind }: FoldedEdge): boolean => {
    const owner = nodes.get(to)?.owner
    return kind === 'source' && owner !== undefined && owner !== to && edges.has(`${owner}>${to}`)
      ? nodes.get(owner)?.source === from
      : false
  }
  const drawn = [...edges.values()].filter(one => boxes.has(one.from) && boxes.has(one.to) && !isSaid(one))
  return { nodes: [...boxes.values()], edges: drawn, left }
}

function choose(all: readonly GraphNode[], isOpen: boolean): { shown: GraphNode[]; folded: GraphNode[] } {
  const sorted = [...all].sort(worstFirst)
  // Appliers lead on, so they are shown; objects are the leaves.
  const limit = isOpen ? mostOpened : all[0]?.role !== 'object' ? mostOpened : all.length <= fewOfAKind ? fewOfAKind : 0
  const troubled = sorted.filter(one => one.state !== 'agreed').length
  const count = Math.max(limit, Math.min(troubled, mostTroubled))
  return { shown: sorted.slice(0, count), folded: sorted.slice(count) }
}

/**
 * What nothing else leads to: sources, and appliers whose source is not there or may not be seen. A source that is applied out
 * of itself, as `flux bootstrap` has it, is where its circle begins.
 */
function roots(nodes: ReadonlyMap<string, GraphNode>, sees: (node: GraphNode) => boolean): GraphNode[] {
  const above = (one: GraphNode): GraphNode | undefined => {
    const keys = [one.owner, one.source].filter(key => key !== undefined && key !== one.key) as string[]
    return keys.map(key => nodes.get(key)).find(node => node !== undefined && sees(node))
  }
  const goesRound = (one: GraphNode): boolean => {
    const passed = new Set<GraphNode>()
    for (let at = above(one); at !== undefined && !passed.has(at); at = above(at)) {
      if (at === one) return true
      passed.add(at)
    }
    return false
  }
  return [...nodes.values()]
    .filter(one => sees(one) && one.role !== 'notification')
    .filter(one => above(one) === undefined || (one.role === 'source' && goesRound(one)))
    .sort(worstFirst)
}

function byKind(nodes: readonly GraphNode[]): [string, GraphNode[]][] {
  const kinds = new Map<string, GraphNode[]>()
  for (const node of nodes) {
    const of = kinds.get(node.ref.kind) ?? []
    kinds.set(node.ref.kind, of)
    of.push(node)
  }
  return [...kinds].sort(([a], [b]) => (a < b ? -1 : 1))
}

/** How many stand how. */
export function countStates(nodes: Iterable<Pick<GraphNode, 'state'>>): StateCounts {
  const counts = { broken: 0, attention: 0, moving: 0, paused: 0, agreed: 0 }
  for (const { state } of nodes) counts[state]++
  return counts
}

/** The state of what needs somebody most. */
export function worst(counts: StateCounts): GraphState {
  return graphStates.find(state => counts[state] > 0) ?? 'agreed'
}

/** What needs somebody first; then by name. */
export function worstFirst(a: GraphNode, b: GraphNode): number {
  const by = graphStates.indexOf(a.state) - graphStates.indexOf(b.state)
  if (by !== 0) return by
  const [one, two] = [formatRef(a.ref), formatRef(b.ref)]
  return one < two ? -1 : one > two ? 1 : 0
}

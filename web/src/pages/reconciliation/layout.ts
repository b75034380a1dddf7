import type { GraphView } from '../../../../src/server/contract/reconciliation.ts'

/** Boxes and lines, without anything that is not needed to place them. */
export interface LayoutRequest {
  readonly id: number
  readonly nodes: readonly { readonly id: string; readonly width: number; readonly height: number }[]
  readonly edges: readonly { readonly from: string; readonly to: string }[]
}

export interface LayoutAnswer {
  readonly id: number
  /** Left upper corners, by id. */
  readonly places: Readonly<Record<string, { readonly x: number; readonly y: number }>>
  readonly ms: number
}

export const boxWidth = 236
export const boxHeight = 52

export function layoutRequest(id: number, graph: GraphView): LayoutRequest {
  return {
    id,
    nodes: graph.nodes.map(node => ({ id: node.id, width: boxWidth, height: boxHeight })),
    // A dependency stands between neighbours: it must not push one of them to the right.
    edges: graph.edges.filter(edge => edge.kind !== 'depends').map(({ from, to }) => ({ from, to })),
  }
}

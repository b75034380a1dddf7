import { Graph, layout } from '@dagrejs/dagre'
import type { LayoutAnswer, LayoutRequest } from './layout.ts'

// The layout of some hundred boxes takes longer than a frame: it is worked out beside the page.
self.addEventListener('message', ({ data }: MessageEvent<LayoutRequest>) => {
  const started = performance.now()
  const graph = new Graph()
  graph.setGraph({ rankdir: 'LR', nodesep: 12, ranksep: 72, marginx: 8, marginy: 8 })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const { id, width, height } of data.nodes) graph.setNode(id, { width, height })
  for (const { from, to } of data.edges) graph.setEdge(from, to)
  layout(graph)
  const places: Record<string, { x: number; y: number }> = {}
  for (const { id, width, height } of data.nodes) {
    const { x, y } = graph.node(id) as { x: number; y: number }
    places[id] = { x: x - width / 2, y: y - height / 2 }
  }
  const answer: LayoutAnswer = { id: data.id, places, ms: performance.now() - started }
  self.postMessage(answer)
})

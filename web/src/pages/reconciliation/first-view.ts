import type { GraphView } from '../../../../src/server/contract/reconciliation.ts'
import { stateOrder } from '../../ui/state-order.ts'
import { boxHeight, boxWidth } from './layout.ts'

/** Left upper corners of boxes, by id. */
export type Places = Readonly<Record<string, { readonly x: number; readonly y: number }>>
type Graph = {
  readonly nodes: readonly Pick<GraphView['nodes'][number], 'id' | 'state'>[]
  readonly edges: readonly Pick<GraphView['edges'][number], 'from' | 'to'>[]
}

/** Below this nothing can be read. */
const readable = 0.62
const margin = 24

/**
 * What a picture shows first: all of it where it can be read as a whole; else what needs somebody, with the way that leads to
 * it as far as there is room; else where everything begins.
 */
export function firstView(graph: Graph, places: Places, room: { readonly width: number; readonly height: number }) {
  const all = graph.nodes.filter(box => places[box.id] !== undefined)
  const whole = fit(
    all.map(box => box.id),
    places,
    room,
  )
  if (whole === undefined || whole.zoom >= readable) return whole
  const worst = stateOrder.map(state => all.filter(box => box.state === state)).find(some => some.length > 0)!
  const [seed] = worst[0]!.state === 'agreed' ? [] : worst
  if (seed === undefined) return beginning(graph, all, places, room)
  const way = wayTo(seed.id, graph)
  // The others that need somebody, then the way from the source, then only the nearest steps of it.
  const choices = [[...way, ...worst.slice(0, 4).map(box => box.id)], ...way.map((_, gone) => way.slice(gone))]
  for (const ids of choices) {
    const view = fit(
      ids.filter(id => places[id] !== undefined),
      places,
      room,
    )
    if (view !== undefined && view.zoom >= readable) return view
  }
  return centred(places[seed.id]!, room)
}

/** From the beginning to a box, by the first line that leads to each. */
function wayTo(id: string, { edges }: Graph): string[] {
  const way = [id]
  for (let at: string | undefined = id; at !== undefined; ) {
    const to: string = at
    at = edges.find(edge => edge.to === to && !way.includes(edge.from))?.from
    if (at !== undefined) way.unshift(at)
  }
  return way
}

/** The first column at the left, in the middle of its height. */
function beginning({ edges }: Graph, all: Graph['nodes'], places: Places, room: { width: number; height: number }) {
  const led = new Set(edges.map(edge => edge.to))
  const root = all.find(box => !led.has(box.id)) ?? all[0]!
  const place = places[root.id]!
  const zoom = 0.8
  return { x: margin - place.x * zoom, y: room.height / 2 - (place.y + boxHeight / 2) * zoom, zoom }
}

function centred(place: { readonly x: number; readonly y: number }, room: { width: number; height: number }) {
  const zoom = Math.min(0.8, (room.width - 2 * margin) / boxWidth)
  return {
    x: room.width / 2 - (place.x + boxWidth / 2) * zoom,
    y: room.height / 2 - (place.y + boxHeight / 2) * zoom,
    zoom,
  }
}

/** The view that holds these boxes, never larger than they are. */
function fit(ids: readonly string[], places: Places, room: { width: number; height: number }) {
  if (ids.length === 0) return undefined
  const xs = ids.map(id => places[id]!.x)
  const ys = ids.map(id => places[id]!.y)
  const [left, top] = [Math.min(...xs), Math.min(...ys)]
  const width = Math.max(...xs) + boxWidth - left
  const height = Math.max(...ys) + boxHeight - top
  const zoom = Math.min(1, (room.width - 2 * margin) / width, (room.height - 2 * margin) / height)
  return {
    x: room.width / 2 - (left + width / 2) * zoom,
    y: room.height / 2 - (top + height / 2) * zoom,
    zoom,
  }
}

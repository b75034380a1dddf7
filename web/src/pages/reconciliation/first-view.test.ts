import { expect, it } from 'vitest'
import { firstView } from './first-view.ts'
import { boxHeight, boxWidth } from './layout.ts'

const room = { width: 1100, height: 560 }
type State = 'agreed' | 'broken' | 'moving'
/** A source, an applier, and many objects below it. */
const graphOf = (count: number, states: Readonly<Record<number, State>> = {}) => {
  const objects = Array.from({ length: count }, (_, i) => ({ id: `o${i}`, state: states[i] ?? ('agreed' as State) }))
  const nodes = [{ id: 'source', state: 'agreed' as State }, { id: 'applier', state: 'agreed' as State }, ...objects]
  const edges = [{ from: 'source', to: 'applier' }, ...objects.map(({ id }) => ({ from: 'applier', to: id }))]
  const middle = (count * 64) / 2
  const places = Object.fromEntries([
    ['source', { x: 0, y: middle }],
    ['applier', { x: 328, y: middle }],
    ...objects.map(({ id }, i) => [id, { x: 656, y: i * 64 }]),
  ])
  return { graph: { nodes, edges }, places }
}
const view = (count: number, states?: Readonly<Record<number, State>>, size = room) => {
  const { graph, places } = graphOf(count, states)
  const { x, y, zoom } = firstView(graph, places, size)!
  const isSeen = (id: string) => {
    const [left, top] = [places[id]!.x * zoom + x, places[id]!.y * zoom + y]
    return left >= 0 && top >= 0 && left + boxWidth * zoom <= size.width && top + boxHeight * zoom <= size.height
  }
  return { zoom, isSeen }
}

it('shows the whole of a picture that can be read, and never larger than it is', () => {
  const small = view(4)
  expect(small.zoom).toBe(1)
  expect(['source', 'applier', 'o0', 'o3'].every(small.isSeen)).toBe(true)
})

it('shows what needs somebody, with the way that leads to it', () => {
  const { isSeen, zoom } = view(60, { 33: 'broken', 2: 'moving' })
  expect(zoom).toBeGreaterThan(0.6)
  expect(['source', 'applier', 'o33'].every(isSeen)).toBe(true)
})

it('shows what needs somebody also where there is no room for the way', () => {
  const far = view(300, { 0: 'broken' })
  expect(far.isSeen('o0')).toBe(true)
  const phone = view(60, { 2: 'broken' }, { width: 360, height: 420 })
  expect(phone.isSeen('o2')).toBe(true)
})

it('begins at the source where all is in order', () => {
  const { isSeen, zoom } = view(100)
  expect(isSeen('source')).toBe(true)
  expect(zoom).toBeGreaterThan(0.6)
})

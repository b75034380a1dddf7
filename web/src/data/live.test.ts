import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type EventStream, LiveConnection, parseChange } from './live.ts'

class Stream implements EventStream {
  readyState = 0
  closed = false
  readonly #listeners = new Map<string, ((event: { data?: unknown }) => void)[]>()
  addEventListener(type: string, listener: (event: { data?: unknown }) => void): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener])
  }
  close(): void {
    this.closed = true
  }
  send(type: string, data?: unknown): void {
    for (const listener of this.#listeners.get(type) ?? []) listener({ data })
  }
  change(topic: string): void {
    this.send('change', JSON.stringify({ topic, at: '2026-01-01T00:00:00Z' }))
  }
}

let streams: Stream[]
let live: LiveConnection
const last = (): Stream => streams.at(-1)!

beforeEach(() => {
  vi.useFakeTimers()
  streams = []
  live = new LiveConnection(() => {
    streams.push(new Stream())
    return last()
  })
})
afterEach(() => void vi.useRealTimers())

it('opens one stream for all topics, and closes it when nobody listens any more', () => {
  const stop = [live.subscribe('fleet', () => {}), live.subscribe('connections', () => {})]
  expect(streams).toHaveLength(1)
  stop[0]!()
  vi.advanceTimersByTime(5_000)
  expect(last().closed).toBe(false)
  stop[1]!()
  vi.advanceTimersByTime(5_000)
  expect(last().closed).toBe(true)
})

it('keeps the stream while one page gives way to the next', () => {
  live.subscribe('fleet', () => {})()
  live.subscribe('applications', () => {})
  vi.advanceTimersByTime(5_000)
  expect(streams).toHaveLength(1)
  expect(last().closed).toBe(false)
})

it('tells a topic of its own changes and of those below it, and of no others', () => {
  const heard: string[] = []
  live.subscribe('applications', change => heard.push(change!.topic))
  for (const topic of ['applications', 'applications/shop', 'applicationsets', 'fleet']) last().change(topic)
  expect(heard).toEqual(['applications', 'applications/shop'])
})

it('has everything asked for again after a reset, and after the stream was down', () => {
  let asked = 0
  live.subscribe('fleet', change => {
    if (change === undefined) asked += 1
  })
  last().send('open')
  expect(asked).toBe(0)
  last().send('reset')
  expect(asked).toBe(1)
  last().send('error')
  expect(live.status.state).toBe('down')
  last().send('open')
  expect(live.status.state).toBe('live')
  expect(asked).toBe(2)
})

it('leaves connecting again to EventSource, and opens a stream that was refused anew after a pause that grows', () => {
  live.subscribe('fleet', () => {})
  last().send('error')
  vi.advanceTimersByTime(60_000)
  expect(streams).toHaveLength(1)
  for (const pause of [1_000, 2_000, 4_000]) {
    last().readyState = 2
    last().send('error')
    const before = streams.length
    vi.advanceTimersByTime(pause - 1)
    expect(streams).toHaveLength(before)
    vi.advanceTimersByTime(1)
    expect(streams).toHaveLength(before + 1)
  }
})

it.each([[undefined], [''], ['{'], ['null'], ['[]'], ['{"topic":1,"at":"x"}'], ['{"topic":"x"}']])(
  'passes over a message that is no change: %j',
  data => expect(parseChange(data)).toBeUndefined(),
)

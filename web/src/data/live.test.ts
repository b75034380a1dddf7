import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type EventStream, LiveConnection, parseChange, type StreamEvent } from './live.ts'

class Stream implements EventStream {
  readyState = 0
  isClosed = false
  readonly topics: readonly string[]
  readonly after: string | undefined
  readonly #listeners = new Map<string, ((event: StreamEvent) => void)[]>()

  constructor(topics: readonly string[], after: string | undefined) {
    this.topics = topics
    this.after = after
  }

  addEventListener(type: string, listener: (event: StreamEvent) => void): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener])
  }

  close(): void {
    this.isClosed = true
  }

  send(type: string, event: StreamEvent = {}): void {
    for (const listener of this.#listeners.get(type) ?? []) listener(event)
  }

  change(topic: string, lastEventId = ''): void {
    this.send('change', { data: JSON.stringify({ topic, at: '2026-01-01T00:00:00Z' }), lastEventId })
  }
}

let streams: Stream[]
let live: LiveConnection
const last = (): Stream => streams.at(-1)!
const soon = (ms = 50): unknown => vi.advanceTimersByTime(ms)

beforeEach(() => {
  vi.useFakeTimers()
  streams = []
  live = new LiveConnection((topics, after) => {
    streams.push(new Stream(topics, after))
    return last()
  })
})
afterEach(() => void vi.useRealTimers())

it('opens one stream for all topics of a page, and closes it when nobody listens any more', () => {
  const stops = ['fleet', 'connections'].map(topic => live.subscribe(topic, () => {}))
  soon()
  expect(streams.map(s => s.topics)).toEqual([['connections', 'fleet']])
  stops[0]!()
  soon(5_000)
  expect(last().isClosed).toBe(false)
  stops[1]!()
  soon(5_000)
  expect(last().isClosed).toBe(true)
})

it('keeps the stream while a page gives way to one with the same topics', () => {
  const stop = live.subscribe('fleet', () => {})
  soon()
  stop()
  live.subscribe('fleet', () => {})
  soon(5_000)
  expect(streams).toHaveLength(1)
  expect(last().isClosed).toBe(false)
})

it('opens the stream anew for a new topic, from the last number on, and not for one that it brings already', () => {
  live.subscribe('applications', () => {})
  soon()
  last().send('ready', { lastEventId: 'm-6' })
  last().change('applications/shop', 'm-7')
  live.subscribe('applications/shop', () => {})
  soon()
  expect(streams).toHaveLength(1)
  live.subscribe('fleet', () => {})
  soon()
  expect(streams).toHaveLength(2)
  expect(streams[0]!.isClosed).toBe(true)
  expect(last().topics).toEqual(['applications', 'fleet'])
  expect(last().after).toBe('m-7')
})

it('tells a topic of its own changes and of those below it, and of no others', () => {
  const heard: string[] = []
  live.subscribe('applications', change => heard.push(change!.topic))
  soon()
  for (const topic of ['applications', 'applications/shop', 'applicationsets', 'fleet']) last().change(topic)
  expect(heard).toEqual(['applications', 'applications/shop'])
})

it('has everything asked for again when the first stream stands, and after a gap', () => {
  let asked = 0
  live.subscribe('fleet', change => {
    if (change === undefined) asked += 1
  })
  soon()
  last().send('ready', { lastEventId: 'm-1' })
  expect(asked).toBe(1)
  last().send('error')
  expect(live.status.state).toBe('down')
  last().send('ready', { lastEventId: 'm-1' })
  expect(live.status.state).toBe('live')
  last().send('reset', { lastEventId: 'n-9' })
  expect(asked).toBeGreaterThan(1)
})

it('leaves mending a cut to EventSource, and opens a stream that was refused after a pause that grows', () => {
  live.subscribe('fleet', () => {})
  soon()
  last().send('error')
  soon(60_000)
  expect(streams).toHaveLength(1)
  for (const pause of [1_000, 2_000, 4_000]) {
    last().readyState = 2
    last().send('error')
    const before = streams.length
    soon(pause - 1)
    expect(streams).toHaveLength(before)
    soon(1)
    expect(streams).toHaveLength(before + 1)
  }
})

it('passes over what an old stream still says', () => {
  const heard: unknown[] = []
  live.subscribe('fleet', change => heard.push(change))
  soon()
  const old = last()
  live.restart()
  soon()
  old.change('fleet')
  expect(heard).toEqual([])
})

it.each([[undefined], [''], ['{'], ['null'], ['[]'], ['{"topic":1,"at":"x"}'], ['{"topic":"x"}']])(
  'passes over a message that is no change: %j',
  data => expect(parseChange(data)).toBeUndefined(),
)

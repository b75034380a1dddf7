import type { LiveChange } from '../../../src/server/contract/live.ts'

/** What the stream of live events is doing, for the top bar. */
export interface LiveStatus {
  readonly state: 'connecting' | 'live' | 'down'
  /** Since when: milliseconds since 1970. What is shown while the stream is down is as old as this. */
  readonly since: number
}

/** The part of EventSource that is used here. */
export interface EventStream {
  addEventListener(type: string, listener: (event: StreamEvent) => void): void
  close(): void
  readonly readyState: number
}

export interface StreamEvent {
  readonly data?: unknown
  readonly lastEventId?: string
}

/** Hears a change; undefined after a gap, when anything may have changed. */
type Listener = (change: LiveChange | undefined) => void

const firstRetryMs = 1_000
const lastRetryMs = 30_000
const closed = 2

/**
 * The one stream of a tab. Hooks subscribe to topics; the stream is open while anyone does, and is opened anew, from the
 * last number on, when a topic comes to it that it does not bring. A cut is mended by EventSource itself, which sends
 * Last-Event-ID; only when the server refuses does it give up, and then it is opened here after a pause that grows.
 */
export class LiveConnection {
  readonly #open: (topics: readonly string[], after: string | undefined) => EventStream
  readonly #listeners = new Map<string, Set<Listener>>()
  readonly #watchers = new Set<() => void>()
  #stream: { readonly source: EventStream; readonly topics: readonly string[] } | undefined
  #after: string | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #retryMs = firstRetryMs
  #status: LiveStatus = { state: 'connecting', since: Date.now() }

  constructor(open: (topics: readonly string[], after: string | undefined) => EventStream) {
    this.#open = open
  }

  get status(): LiveStatus {
    return this.#status
  }

  watchStatus = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  /** Calls `listener` for each change of `topic` and of what is below it: `applications` hears `applications/shop`. */
  subscribe(topic: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(topic) ?? new Set()
    this.#listeners.set(topic, listeners)
    listeners.add(listener)
    this.#plan(20)
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0) this.#listeners.delete(topic)
      // A page that is left is followed by one that subscribes at once: the stream outlives that moment.
      if (this.#listeners.size === 0) this.#plan(2_000)
    }
  }

  /** Opens the stream anew: after a sign-in. */
  restart(): void {
    this.#close()
    this.#after = undefined
    this.#plan(0)
  }

  /** Brings the stream in line with what is subscribed, after a moment: the hooks of a page come one by one. */
  #plan(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#settle(), ms)
  }

  #settle(): void {
    const topics = widest([...this.#listeners.keys()])
    if (topics.length === 0) return this.#close()
    if (this.#stream !== undefined && topics.every(topic => brings(this.#stream!.topics, topic))) return
    this.#close()
    const source = this.#open(topics, this.#after)
    this.#stream = { source, topics }
    const mine = (): boolean => this.#stream?.source === source
    const first = this.#after === undefined
    source.addEventListener('ready', event => {
      if (!mine()) return
      this.#live(event)
      // What was asked for before the stream stood may have changed in between.
      if (first) this.#tellAll()
    })
    source.addEventListener('change', event => {
      if (!mine()) return
      this.#live(event)
      this.#change(event.data)
    })
    source.addEventListener('reset', event => {
      if (!mine()) return
      this.#live(event)
      this.#tellAll()
    })
    source.addEventListener('error', () => {
      if (!mine()) return
      this.#set('down')
      if (source.readyState !== closed) return
      this.#stream = undefined
      this.#plan(this.#retryMs)
      this.#retryMs = Math.min(this.#retryMs * 2, lastRetryMs)
    })
  }

  #live(event: StreamEvent): void {
    if (event.lastEventId !== undefined && event.lastEventId !== '') this.#after = event.lastEventId
    this.#retryMs = firstRetryMs
    this.#set('live')
  }

  #close(): void {
    this.#stream?.source.close()
    this.#stream = undefined
  }

  #change(data: unknown): void {
    const change = parseChange(data)
    if (change === undefined) return
    for (const [topic, listeners] of [...this.#listeners]) {
      if (covers(topic, change.topic)) for (const listener of [...listeners]) listener(change)
    }
  }

  #tellAll(): void {
    for (const listeners of [...this.#listeners.values()]) for (const listener of [...listeners]) listener(undefined)
  }

  #set(state: LiveStatus['state']): void {
    if (state === this.#status.state) return
    this.#status = { state, since: Date.now() }
    for (const watcher of this.#watchers) watcher()
  }
}

const covers = (topic: string, other: string): boolean => other === topic || other.startsWith(`${topic}/`)
const brings = (topics: readonly string[], topic: string): boolean => topics.some(wide => covers(wide, topic))

/** The topics without those that another of them brings. */
function widest(topics: readonly string[]): string[] {
  return topics.filter(topic => !topics.some(other => other !== topic && covers(other, topic))).sort()
}

/** Reads one message; what is no change is passed over, as by an older console under a newer server. */
export function parseChange(data: unknown): LiveChange | undefined {
  if (typeof data !== 'string') return undefined
  try {
    const value: unknown = JSON.parse(data)
    if (typeof value !== 'object' || value === null) return undefined
    const { topic, at } = value as Record<string, unknown>
    return typeof topic === 'string' && typeof at === 'string' ? (value as LiveChange) : undefined
  } catch {
    return undefined
  }
}

export const live = new LiveConnection((topics, after) => {
  const query = new URLSearchParams({ topics: topics.join(',') })
  if (after !== undefined) query.set('after', after)
  return new EventSource(`/api/v1/live?${query}`) as unknown as EventStream
})

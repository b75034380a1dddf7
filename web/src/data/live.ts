import type { LiveChange } from '../../../src/server/contract/live.ts'

/** What the stream of live events is doing, for the dot in the top bar. */
export interface LiveStatus {
  readonly state: 'connecting' | 'live' | 'down'
  /** When the data was last known to be current: milliseconds since 1970. */
  readonly since: number
}

/** The part of EventSource that is used here. */
export interface EventStream {
  addEventListener(type: string, listener: (event: { data?: unknown }) => void): void
  close(): void
  readonly readyState: number
}

type Listener = (change: LiveChange | undefined) => void

const firstRetryMs = 1_000
const lastRetryMs = 30_000

/**
 * The one stream of a tab. Hooks subscribe to topics; the stream is open while anyone does.
 * EventSource itself connects again after a cut and sends Last-Event-ID; only when the server refuses (a status other
 * than 200) does it give up, and then it is opened anew here with growing pauses.
 */
export class LiveConnection {
  readonly #open: () => EventStream
  readonly #topics = new Map<string, Set<Listener>>()
  readonly #watchers = new Set<() => void>()
  #stream: EventStream | undefined
  #retry: ReturnType<typeof setTimeout> | undefined
  #retryMs = firstRetryMs
  #status: LiveStatus = { state: 'connecting', since: Date.now() }

  constructor(open: () => EventStream) {
    this.#open = open
  }

  get status(): LiveStatus {
    return this.#status
  }

  watchStatus = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  /**
   * Calls `listener` for each change of `topic` and of what is below it (`applications` hears `applications/shop`);
   * with undefined after a gap, when anything may have changed.
   */
  subscribe(topic: string, listener: Listener): () => void {
    const listeners = this.#topics.get(topic) ?? new Set()
    this.#topics.set(topic, listeners)
    listeners.add(listener)
    this.#start()
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0) this.#topics.delete(topic)
      if (this.#topics.size === 0) this.#stop()
    }
  }

  /** Opens the stream anew: after a sign-in. */
  restart(): void {
    this.#close()
    if (this.#topics.size > 0) this.#start()
  }

  #start(): void {
    if (this.#stream !== undefined || this.#retry !== undefined) return
    const stream = this.#open()
    this.#stream = stream
    stream.addEventListener('open', () => {
      this.#retryMs = firstRetryMs
      const wasDown = this.#status.state === 'down'
      this.#set('live')
      // The server tells of a gap by `reset`; one that was started anew knows nothing of what was missed.
      if (wasDown) this.#tellAll()
    })
    stream.addEventListener('change', event => this.#change(event.data))
    stream.addEventListener('reset', () => this.#tellAll())
    stream.addEventListener('error', () => {
      this.#set('down')
      if (stream.readyState !== 2 /* CLOSED */ || this.#stream !== stream) return
      this.#stream = undefined
      this.#retry = setTimeout(() => {
        this.#retry = undefined
        if (this.#topics.size > 0) this.#start()
      }, this.#retryMs)
      this.#retryMs = Math.min(this.#retryMs * 2, lastRetryMs)
    })
  }

  #stop(): void {
    // A page that is left is followed by another that subscribes at once: the stream outlives that moment.
    setTimeout(() => {
      if (this.#topics.size === 0) this.#close()
    }, 2_000)
  }

  #close(): void {
    clearTimeout(this.#retry)
    this.#retry = undefined
    this.#stream?.close()
    this.#stream = undefined
  }

  #change(data: unknown): void {
    const change = parseChange(data)
    if (change === undefined) return
    if (this.#status.state !== 'live') this.#set('live')
    for (const [topic, listeners] of [...this.#topics]) {
      if (change.topic !== topic && !change.topic.startsWith(`${topic}/`)) continue
      for (const listener of [...listeners]) listener(change)
    }
  }

  #tellAll(): void {
    for (const listeners of [...this.#topics.values()]) for (const listener of [...listeners]) listener(undefined)
  }

  #set(state: LiveStatus['state']): void {
    if (state === this.#status.state) return
    this.#status = { state, since: Date.now() }
    for (const watcher of this.#watchers) watcher()
  }
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

export const live = new LiveConnection(
  () => new EventSource('/api/v1/live', { withCredentials: true }) as unknown as EventStream,
)

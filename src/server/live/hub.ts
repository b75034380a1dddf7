import { randomBytes } from 'node:crypto'
import { allows, type Principal, type Scope } from '../../access/index.ts'
import type { Clock } from '../../base/clock.ts'
import { SluiceError } from '../../base/errors/index.ts'
import type { Logger } from '../../base/log.ts'
import { longestMessage, type Messages } from '../../store/index.ts'

/** Something that changed. */
export interface Change {
  /** `applications/shop`. Who listens to `applications` hears of it too. */
  readonly topic: string
  /** Small, and never a secret; the contract says what it is per topic. */
  readonly data?: unknown
  /** Who may see it beside having the topic: viewers there. */
  readonly scope?: Scope
}

/** A tab that listens. */
export interface Listener {
  readonly principal: Principal
  readonly topics: readonly string[]
  /** Takes the bytes of an event; false when the tab is too slow and has to go. */
  send(bytes: Uint8Array): boolean
  close(): void
}

interface Kept {
  readonly number: number
  readonly topic: string
  readonly scope: Scope | undefined
  readonly bytes: Uint8Array
}

/** What servers tell each other beside changes. */
export type Control =
  | { readonly kind: 'recheck'; readonly user: string }
  | { readonly kind: 'cancel-job'; readonly job: string }

const keptChanges = 2000
const keptBytes = 8 * 1024 * 1024
const mostListeners = 2000
const mostOfOne = 50
const encoder = new TextEncoder()

/**
 * Brings changes to every tab, on every server of the store. Numbers count up on each server and carry the server's
 * own mark: a tab that comes back to another server, or after a gap, is told to ask for everything again (`reset`).
 */
export class LiveHub {
  readonly #mark = randomBytes(6).toString('hex')
  readonly #kept: Kept[] = []
  #bytes = 0
  #number = 0
  readonly #listeners = new Set<Listener>()
  readonly #controls = new Set<(control: Control) => void>()
  readonly #messages: Messages
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #leave: () => void
  /** Tabs that were let go because they did not keep up. */
  dropped = 0

  constructor(messages: Messages, clock: Clock, logger: Logger) {
    this.#messages = messages
    this.#clock = clock
    this.#logger = logger
    this.#leave = messages.subscribe(
      text => this.#told(text),
      () => this.#gap(),
    )
  }

  get listeners(): number {
    return this.#listeners.size
  }

  /** Tells every tab that may see it. Never fails and never waits: a page that missed it is told to ask again. */
  publish(change: Change): void {
    const at = this.#clock.now().toISOString()
    this.#deliver(change, at)
    let text = JSON.stringify({ from: this.#mark, at, ...change })
    if (Buffer.byteLength(text) > longestMessage) {
      text = JSON.stringify({ from: this.#mark, at, topic: change.topic, scope: change.scope })
    }
    this.#send(text)
  }

  /** Tells every server, this one too. */
  control(control: Control): void {
    for (const take of this.#controls) take(control)
    this.#send(JSON.stringify({ from: this.#mark, control }))
  }

  onControl(take: (control: Control) => void): void {
    this.#controls.add(take)
  }

  /**
   * Adds a tab. `after` is the last number that it has: what came since is sent at once, or `reset` when that is not known
   * any more. Fails with E_SERVER_BUSY. Returns the function that takes it away.
   */
  listen(listener: Listener, after: string | undefined): () => void {
    let ofOne = 0
    for (const other of this.#listeners) if (other.principal.person.id === listener.principal.person.id) ofOne++
    if (this.#listeners.size >= mostListeners || ofOne >= mostOfOne) {
      throw new SluiceError('E_SERVER_BUSY', {
        expected: `at most ${mostOfOne} live streams of a person`,
        seen: String(ofOne),
      })
    }
    const missed = after === undefined ? [] : this.#since(after)
    if (missed === undefined) listener.send(event('reset', this.#id(this.#number), '{}'))
    else {
      listener.send(event('ready', this.#id(this.#number), '{}'))
      for (const kept of missed) if (concerns(listener, kept)) listener.send(kept.bytes)
    }
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Sends a sign of life, so that proxies keep the connection and browsers notice when it is lost. */
  beat(): void {
    const bytes = encoder.encode(': beat\n\n')
    for (const listener of [...this.#listeners]) this.#give(listener, bytes)
  }

  /** Ends the tabs that `choose` picks; browsers come back by themselves. */
  endWhere(choose: (listener: Listener) => boolean): void {
    for (const listener of [...this.#listeners]) if (choose(listener)) this.#end(listener)
  }

  all(): readonly Listener[] {
    return [...this.#listeners]
  }

  close(): void {
    this.#leave()
    this.endWhere(() => true)
  }

  #deliver({ topic, data, scope }: Change, at: string): void {
    this.#number++
    const text = JSON.stringify({ topic, at, ...(data === undefined ? {} : { data }) })
    const kept = { number: this.#number, topic, scope, bytes: event('change', this.#id(this.#number), text) }
    this.#kept.push(kept)
    this.#bytes += kept.bytes.length
    while (this.#kept.length > keptChanges || this.#bytes > keptBytes)
      this.#bytes -= this.#kept.shift()?.bytes.length ?? 0
    for (const listener of [...this.#listeners]) if (concerns(listener, kept)) this.#give(listener, kept.bytes)
  }

  #give(listener: Listener, bytes: Uint8Array): void {
    if (listener.send(bytes)) return
    this.dropped++
    this.#end(listener)
  }

  #end(listener: Listener): void {
    this.#listeners.delete(listener)
    listener.close()
  }

  /** What came after a number; undefined when it is not all there. */
  #since(id: string): readonly Kept[] | undefined {
    const [mark, digits = ''] = id.split('-')
    const number = Number(digits)
    if (mark !== this.#mark || !/^\d{1,15}$/.test(digits) || number > this.#number) return undefined
    const oldest = this.#kept[0]?.number ?? this.#number + 1
    return number < oldest - 1 ? undefined : this.#kept.filter(kept => kept.number > number)
  }

  #told(text: string): void {
    let message: { from?: string; at?: string; control?: Control } & Partial<Change>
    try {
      message = JSON.parse(text)
    } catch {
      return
    }
    if (message.from === this.#mark) return
    if (message.control !== undefined) for (const take of this.#controls) take(message.control)
    else if (typeof message.topic === 'string') {
      const { topic, data, scope } = message
      this.#deliver(
        { topic, data, ...(scope === undefined ? {} : { scope }) },
        message.at ?? this.#clock.now().toISOString(),
      )
    }
  }

  /** Other servers may have told of something that did not arrive. */
  #gap(): void {
    this.#kept.length = 0
    this.#bytes = 0
    this.#number++
    const bytes = event('reset', this.#id(this.#number), '{}')
    for (const listener of [...this.#listeners]) this.#give(listener, bytes)
  }

  #send(text: string): void {
    this.#messages.send(text).catch(error => {
      this.#logger.warn('other servers were not told of a change', { error: String(error) })
    })
  }

  #id(number: number): string {
    return `${this.#mark}-${number}`
  }
}

function concerns({ topics, principal }: Listener, { topic, scope }: Kept): boolean {
  if (!topics.some(wanted => topic === wanted || topic.startsWith(`${wanted}/`))) return false
  return scope === undefined || allows(principal.grants, 'viewer', scope)
}

/** JSON has no line ends, so an event is always three lines. */
function event(name: string, id: string, data: string): Uint8Array {
  return encoder.encode(`event: ${name}\nid: ${id}\ndata: ${data}\n\n`)
}

import type { ServerResponse } from 'node:http'
import { isSelected, type ListOptions } from '../http/list-options.ts'
import type { Collection } from '../store/collection.ts'
import type { ChangeEvent } from '../store/history.ts'
import { bookmarkLine, changeLine, type EventType, initialLine, type LineForm } from './lines.ts'

/** A watcher that reads slower than this many bytes behind is cut off; it starts again from its last version. */
const maxBacklogBytes = 16 * 1024 * 1024
const bookmarkEveryMs = 60_000
/** A last bookmark comes this long before a watch times out, so that the next one starts from a fresh version. */
const lastBookmarkMs = 2000

export interface WatcherOptions {
  readonly collection: Collection
  readonly form: LineForm
  readonly list: ListOptions
  readonly namespace: string
  /** Milliseconds after which the server ends the watch. */
  readonly timeoutMs: number
  /** The version of the store, for bookmarks. */
  version(): number
}

/** Sends the changes of a collection to one client until it goes away, is too slow, or the time is up. */
export class Watcher {
  readonly #options: WatcherOptions
  readonly #response: ServerResponse
  readonly #prefix: string
  readonly #timers = new Set<NodeJS.Timeout>()
  #columnsSent = false
  #ended = false
  readonly #onChange = (event: ChangeEvent) => this.#change(event)

  constructor(response: ServerResponse, options: WatcherOptions) {
    this.#response = response
    this.#options = options
    this.#prefix = options.namespace === '' ? '' : `${options.namespace}/`
    response.on('close', () => this.end())
  }

  /** What exists already, as ADDED events; then the mark, when the client asked for it. */
  sendInitial(mark: boolean): void {
    const { collection, list, form, namespace } = this.#options
    for (const record of collection.records(namespace)) {
      if (isSelected(list, record)) this.#write(initialLine(form, record, this.#takeColumns()))
    }
    if (mark) this.#write(bookmarkLine(form, this.#options.version(), true))
  }

  /** The changes after a version, then every change to come. */
  start(after: number): void {
    const { collection, list, timeoutMs } = this.#options
    for (const event of collection.changesAfter(after)) this.#change(event)
    if (this.#ended) return
    collection.listeners.add(this.#onChange)
    this.#later(timeoutMs, () => this.end())
    if (!list.bookmarks) return
    this.#later(Math.max(0, timeoutMs - lastBookmarkMs), () => this.#bookmark())
    const repeat = setInterval(() => this.#bookmark(), bookmarkEveryMs)
    this.#timers.add(repeat.unref())
  }

  /** Ends the stream; calling it again does nothing. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#options.collection.listeners.delete(this.#onChange)
    for (const timer of this.#timers) clearTimeout(timer)
    this.#response.end()
  }

  #change(event: ChangeEvent): void {
    const { list, form } = this.#options
    const { record, previous } = event
    if (this.#prefix !== '' && !record.key.startsWith(this.#prefix)) return
    const before = previous !== undefined && isSelected(list, previous)
    const after = event.type !== 'DELETED' && isSelected(list, record)
    if (!before && !after) return
    const type: EventType = !after ? 'DELETED' : before ? 'MODIFIED' : 'ADDED'
    this.#write(changeLine(form, type, event, form.as === 'table' && this.#takeColumns()))
  }

  #bookmark(): void {
    this.#write(bookmarkLine(this.#options.form, this.#options.version(), false))
  }

  /** True once: the first table of a watch carries the columns. */
  #takeColumns(): boolean {
    const first = !this.#columnsSent
    this.#columnsSent = true
    return first
  }

  #write(line: Buffer): void {
    if (this.#ended) return
    this.#response.write(line)
    if (this.#response.writableLength > maxBacklogBytes) {
      this.end()
      this.#response.destroy()
    }
  }

  #later(ms: number, work: () => void): void {
    this.#timers.add(setTimeout(work, ms).unref())
  }
}

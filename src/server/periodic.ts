import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import { redact } from '../secrets/secret.ts'
import type { Store } from '../store/index.ts'
import { claimPeriodic, findPeriodic, type PeriodicTable, releasePeriodic } from '../store/tables/periodic.ts'

/** Work is stopped after this time; then another server may take the next turn. */
const longestTurnMs = 10 * 60_000

/**
 * Work that has to be done from time to time by one server of the store. A turn is a row that one server claims: no
 * connection to the database is held while the work runs, and a server that dies in its turn delays the next one at most.
 */
export class Periodic {
  readonly #parts: { store: Store; clock: Clock; logger: Logger; serverId: string; signal: AbortSignal }
  readonly #loops = new Set<Promise<void>>()
  /** The last turns, and since when each has stood. */
  readonly #seen = new Map<string, { readonly key: string; readonly at: number }>()

  constructor(parts: { store: Store; clock: Clock; logger: Logger; serverId: string; signal: AbortSignal }) {
    this.#parts = parts
  }

  /** Runs `work` every `everyMs`, beginning now, until the server ends. */
  add(name: string, everyMs: number, work: (signal: AbortSignal) => Promise<void>): void {
    const loop = this.#loop(name, everyMs, work).finally(() => this.#loops.delete(loop))
    this.#loops.add(loop)
  }

  /** Waits for the turns that are under way; the signal has to be aborted before. */
  async close(): Promise<void> {
    await Promise.all(this.#loops)
  }

  async #loop(name: string, everyMs: number, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { clock, logger, signal } = this.#parts
    while (!signal.aborted) {
      try {
        await this.#turn(name, everyMs, work)
      } catch (error) {
        if (!signal.aborted)
          logger.warn('periodic work failed', { work: name, error: redact(String((error as Error)?.message ?? error)) })
      }
      await clock.sleep(everyMs, signal).catch(() => {})
    }
  }

  async #turn(name: string, everyMs: number, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { store, clock, serverId, signal } = this.#parts
    const now = clock.now().getTime()
    const at = (ms: number) => new Date(ms).toISOString()
    const instead = await this.#standing(name, everyMs)
    const claimed = await claimPeriodic(store.db, {
      name,
      server: serverId,
      now: at(now),
      // A little early counts: timers of two servers do not march in step.
      dueBefore: at(now - everyMs * 0.9),
      busyUntil: at(now + longestTurnMs),
      ...(instead && { instead }),
    })
    if (!claimed) return
    try {
      await work(AbortSignal.any([signal, AbortSignal.timeout(longestTurnMs)]))
    } finally {
      await releasePeriodic(store.db, name, serverId)
    }
  }

  /**
   * The last turn, when it has stood for as long as it may by the clock that nobody sets: after a wall clock was set back, its
   * times would keep everybody waiting until they have come.
   */
  async #standing(name: string, everyMs: number): Promise<PeriodicTable | undefined> {
    const { store, clock } = this.#parts
    const last = await findPeriodic(store.db, name)
    if (last === undefined) return undefined
    const before = this.#seen.get(name)
    const key = JSON.stringify(last)
    if (before?.key !== key) {
      this.#seen.set(name, { key, at: clock.monotonic() })
      return undefined
    }
    const longest = last.busy_until === '' ? everyMs * 0.9 : longestTurnMs
    return clock.monotonic() - before.at >= longest ? last : undefined
  }
}

import { calledOff } from '../../base/alarm.ts'
import type { Clock } from '../../base/clock.ts'
import { Pace } from '../queue/pace.ts'

/** How long work may go on before the status says so. */
const quietMs = 1000

/** When a whole fleet changes, who waits for a result is served before who watches: so many at once, then 25 a second. */
export const announcementPace = (clock: Clock): Pace => new Pace({ clock, burst: 25, everyMs: 40 })

/**
 * Says that work is going on, once it takes longer than a second. What is done within that is said by its result alone:
 * until then the status that stands says which revision was applied last, and names every object that may be there.
 */
export class Announcement {
  readonly #clock: Clock
  readonly #pace: Pace
  #say: (() => Promise<void>) | undefined
  #timer: { readonly stop: AbortController; readonly ended: Promise<void> } | undefined

  constructor(clock: Clock, pace: Pace) {
    this.#clock = clock
    this.#pace = pace
  }

  /** Has `say` called a second after `since` (monotonic), when it is its turn; when one waits already, `say` takes its place and its time. */
  later(since: number, say: () => Promise<void>): void {
    this.#say = say
    if (this.#timer !== undefined) return
    const stop = new AbortController()
    const left = Math.max(0, since + quietMs - this.#clock.monotonic())
    // What could not be said while it went on is left to its result, which is written in any case.
    const ended = this.#clock
      .sleep(left, stop.signal)
      .then(() => this.#pace.turn(stop.signal))
      .then(() => this.#say?.())
      .catch(() => undefined)
    this.#timer = { stop, ended }
  }

  /** Calls off what waits, and waits for what is being said. */
  async end(): Promise<void> {
    const timer = this.#timer
    if (timer === undefined) return
    this.#timer = undefined
    this.#say = undefined
    timer.stop.abort(calledOff)
    await timer.ended
  }
}

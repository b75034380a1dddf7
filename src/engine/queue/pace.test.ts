import { describe, expect, it } from 'vitest'
import type { Clock } from '../../base/clock.ts'
import { Pace } from './pace.ts'

/** Time that passes only while everybody sleeps: the one who wakes first is woken. */
class LeapingClock implements Clock {
  at = 1000
  readonly #sleepers: { readonly until: number; readonly wake: () => void }[] = []
  now = () => new Date(this.at)
  monotonic = () => this.at
  sleep(ms: number): Promise<void> {
    return new Promise(wake => void this.#sleepers.push({ until: this.at + ms, wake }))
  }
  /** Lets time pass until nobody sleeps. */
  async pass(): Promise<void> {
    for (;;) {
      await new Promise(done => setImmediate(done))
      this.#sleepers.sort((a, b) => a.until - b.until)
      const next = this.#sleepers.shift()
      if (next === undefined) return
      this.at = Math.max(this.at, next.until)
      next.wake()
    }
  }
}

describe('a pace', () => {
  const ask = (pace: Pace, clock: Clock, went: string[], name: string, stop = new AbortController()) => {
    void pace.turn(stop.signal).then(
      () => went.push(`${name} ${clock.monotonic()}`),
      () => went.push(`${name} gave up`),
    )
    return stop
  }

  it('lets the first ones through at once and the others one after the other, in their order', async () => {
    const clock = new LeapingClock()
    const pace = new Pace({ clock, burst: 2, everyMs: 40 })
    const went: string[] = []
    for (const name of ['a', 'b', 'c', 'd']) ask(pace, clock, went, name)
    await clock.pass()
    expect(went).toEqual(['a 1000', 'b 1000', 'c 1040', 'd 1080'])
  })

  it('gives the turn of one that gives up to the next', async () => {
    const clock = new LeapingClock()
    const pace = new Pace({ clock, burst: 1, everyMs: 40 })
    const went: string[] = []
    const [, b] = ['a', 'b', 'c'].map(name => ask(pace, clock, went, name))
    await new Promise(done => setImmediate(done))
    b?.abort()
    await clock.pass()
    expect(went).toEqual(['a 1000', 'b gave up', 'c 1040'])
  })

  it('has its burst again after it was left alone', async () => {
    const clock = new LeapingClock()
    const pace = new Pace({ clock, burst: 2, everyMs: 40 })
    const went: string[] = []
    for (const name of ['a', 'b', 'c']) ask(pace, clock, went, name)
    await clock.pass()
    clock.at = 5000
    for (const name of ['d', 'e', 'f']) ask(pace, clock, went, name)
    await clock.pass()
    expect(went.slice(3)).toEqual(['d 5000', 'e 5000', 'f 5040'])
  })
})

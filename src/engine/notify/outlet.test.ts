import { describe, expect, test } from 'vitest'
import type { Clock } from '../../base/clock.ts'
import { type Delivery, Outlet } from './outlet.ts'
import { DeliveryFailure } from './providers/types.ts'

/** A clock that stands still until it is moved, and writes down every wait. */
class StillClock implements Clock {
  readonly waits: number[] = []
  #now = 0

  now = () => new Date(this.#now)
  monotonic = () => this.#now

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason)
    this.waits.push(Math.round(ms))
    this.#now += ms
    return Promise.resolve()
  }
}

function outletOf(clock: Clock, mostWaiting = 10): Outlet {
  return new Outlet({ clock, mostWaiting, tries: 3, longestWaitMs: 60_000, random: () => 0.5 })
}

/** A delivery that fails with each of these, then arrives. */
function delivery(log: string[], name: string, failures: Error[] = []): Delivery {
  return {
    run: async () => {
      const failure = failures.shift()
      log.push(failure === undefined ? `${name} arrived` : `${name} tried`)
      if (failure !== undefined) throw failure
    },
    failed: error => log.push(`${name} failed: ${error.message}`),
  }
}

const settle = () => new Promise(resolve => setTimeout(resolve, 10))
const passing = (waitMs?: number) =>
  new DeliveryFailure('busy', { passing: true, ...(waitMs === undefined ? {} : { waitMs }) })

describe('an outlet', () => {
  test('sends in order, and goes on after one that cannot be delivered', async () => {
    const log: string[] = []
    const outlet = outletOf(new StillClock())
    outlet.add(delivery(log, 'a', [new DeliveryFailure('no such channel')]))
    outlet.add(delivery(log, 'b'))
    await settle()
    expect(log).toEqual(['a tried', 'a failed: no such channel', 'b arrived'])
  })

  test('tries a passing failure again with growing waits, so many times', async () => {
    const log: string[] = []
    const clock = new StillClock()
    const outlet = outletOf(clock)
    outlet.add(delivery(log, 'a', [passing(), passing(), passing(), passing()]))
    await settle()
    expect(log).toEqual(['a tried', 'a tried', 'a tried', 'a failed: busy'])
    expect(clock.waits).toEqual([2000, 4000])
  })

  test('waits as long as it is asked to, also with what comes next', async () => {
    const log: string[] = []
    const clock = new StillClock()
    const outlet = outletOf(clock)
    outlet.add(delivery(log, 'a', [passing(7000)]))
    outlet.add(delivery(log, 'b'))
    await settle()
    expect(log).toEqual(['a tried', 'a arrived', 'b arrived'])
    expect(clock.waits).toEqual([7000])
  })

  test('gives up what it is asked to wait too long for, and leaves the system alone for the longest time', async () => {
    const log: string[] = []
    const clock = new StillClock()
    const outlet = outletOf(clock)
    outlet.add(delivery(log, 'a', [passing(3_600_000)]))
    outlet.add(delivery(log, 'b'))
    await settle()
    expect(log[1]).toBe('a failed: busy; it asks to wait 3600 s, which is too long')
    expect(log[2]).toBe('b arrived')
    expect(clock.waits).toEqual([60_000])
  })

  test('takes so much and no more', async () => {
    const log: string[] = []
    const outlet = outletOf(new StillClock(), 2)
    const taken = ['a', 'b', 'c', 'd'].map(name => outlet.add(delivery(log, name)))
    expect(taken).toEqual([true, true, true, false])
    await settle()
    expect(log).toEqual(['a arrived', 'b arrived', 'c arrived'])
    await outlet.close(0)
    expect(outlet.add(delivery(log, 'late'))).toBe(false)
  })
})

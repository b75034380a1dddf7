import { describe, expect, it } from 'vitest'
import { Semaphore } from './semaphore.ts'

describe('a semaphore', () => {
  it('never runs more than its slots at once and serves in order', async () => {
    const semaphore = new Semaphore(2)
    let running = 0
    let most = 0
    const order: number[] = []
    await Promise.all(
      [1, 2, 3, 4, 5].map(n =>
        semaphore.run(async () => {
          order.push(n)
          most = Math.max(most, ++running)
          await new Promise(resolve => setTimeout(resolve, 2))
          running--
        }),
      ),
    )
    expect(most).toBe(2)
    expect(order).toEqual([1, 2, 3, 4, 5])
  })

  it('lets a waiter give up without losing a slot', async () => {
    const semaphore = new Semaphore(1)
    const stop = new AbortController()
    let release = () => {}
    const holder = semaphore.run(() => new Promise<void>(resolve => (release = resolve)))
    const waiter = semaphore.run(async () => 'ran', stop.signal)
    stop.abort(new Error('enough'))
    await expect(waiter).rejects.toThrow('enough')
    release()
    await holder
    await expect(semaphore.run(async () => 'free')).resolves.toBe('free')
  })
})

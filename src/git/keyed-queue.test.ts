import { describe, expect, it } from 'vitest'
import { KeyedQueue } from './keyed-queue.ts'

const tick = () => new Promise(resolve => setTimeout(resolve, 5))

describe('a keyed queue', () => {
  it('runs one after another under a key, also after a failure, and side by side under others', async () => {
    const queue = new KeyedQueue()
    const seen: string[] = []
    const work =
      (name: string, fail = false) =>
      async () => {
        seen.push(`${name} starts`)
        await tick()
        seen.push(`${name} ends`)
        if (fail) throw new Error(name)
      }
    const results = await Promise.allSettled([
      queue.run('k', work('a', true)),
      queue.run('k', work('b')),
      queue.run('other', work('c')),
    ])
    expect(results.map(result => result.status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
    expect(seen.indexOf('a ends')).toBeLessThan(seen.indexOf('b starts'))
    expect(seen.indexOf('c starts')).toBeLessThan(seen.indexOf('a ends'))
  })

  it('lets a waiter leave without running its work', async () => {
    const queue = new KeyedQueue()
    const stop = new AbortController()
    let ran = false
    const first = queue.run('k', tick)
    const second = queue.run('k', async () => void (ran = true), stop.signal)
    stop.abort(new Error('enough'))
    await expect(second).rejects.toThrow('enough')
    await first
    await tick()
    expect(ran).toBe(false)
  })
})

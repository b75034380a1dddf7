import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { KeyedLoop } from './keyed-loop.ts'

describe('a keyed loop', () => {
  it('runs a key once more when it was asked for meanwhile, and never twice at once', async () => {
    let [running, most, runs] = [0, 0, 0]
    const loop = new KeyedLoop(
      async () => {
        most = Math.max(most, ++running)
        runs++
        await delay(5)
        running--
      },
      () => {},
    )
    for (let i = 0; i < 5; i++) loop.ask('a')
    await delay(30)
    await loop.stop()
    expect([runs, most]).toEqual([2, 1])
  })

  it('runs different keys side by side', async () => {
    let [running, most] = [0, 0]
    const loop = new KeyedLoop(
      async () => {
        most = Math.max(most, ++running)
        await delay(5)
        running--
      },
      () => {},
    )
    for (const key of ['a', 'b', 'c']) loop.ask(key)
    await expect.poll(() => most).toBe(3)
    await loop.stop()
  })

  it('tries again after a failure, and says so', async () => {
    let runs = 0
    const errors: unknown[] = []
    const loop = new KeyedLoop(
      async () => {
        if (++runs < 3) throw new Error('not yet')
      },
      (_key, error) => errors.push(error),
      { retryMs: 1 },
    )
    loop.ask('a')
    await expect.poll(() => runs).toBe(3)
    await loop.stop()
    expect(errors).toHaveLength(2)
  })

  it('keeps the earliest of several later wishes, and none after its end', async () => {
    let runs = 0
    const loop = new KeyedLoop(
      async () => {
        runs++
      },
      () => {},
    )
    loop.askLater('a', 10_000)
    loop.askLater('a', 5)
    await expect.poll(() => runs).toBe(1)
    loop.askLater('a', 5)
    await loop.stop()
    await delay(15)
    expect(runs).toBe(1)
  })
})

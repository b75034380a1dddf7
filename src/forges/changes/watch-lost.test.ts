import { describe, expect, it } from 'vitest'
import { watchLost } from './watch-lost.ts'

/** A watch over a source whose revision and clock are set by hand. */
function watched(isLost: () => Promise<boolean>) {
  const world = { revision: 'main@sha1:old', ms: 0, asked: 0, again: [] as number[] }
  const watch = watchLost({
    clock: { now: () => new Date(world.ms), monotonic: () => world.ms, sleep: async () => {} },
    revision: () => world.revision,
    isThere: revision => revision === 'main@sha1:ours',
    isLost: () => {
      world.asked++
      return isLost()
    },
    problem: () => new Error('lost'),
  })
  return { world, failed: watch.failed, look: () => watch.look(ms => world.again.push(ms)) }
}

describe('a commit that is waited for', () => {
  it('is looked for on its branch when the source comes to something else, and is lost once it is not there', async () => {
    const { world, look, failed } = watched(async () => true)
    look()
    expect(world.asked).toBe(0)
    world.revision = 'main@sha1:other'
    look()
    await expect(failed).rejects.toThrow('lost')
  })

  it('is looked for now and then while the source does not move, and waited for as long as the branch has it', async () => {
    const { world, look } = watched(async () => false)
    look()
    expect(world.again).toEqual([15_050])
    world.ms = 15_050
    look()
    expect(world.asked).toBe(1)
    await Promise.resolve()
    look()
    expect(world.asked).toBe(1)
  })

  it('that cannot be asked about is waited for', async () => {
    const { world, look, failed } = watched(() => Promise.reject(new Error('the host is away')))
    world.revision = 'main@sha1:other'
    look()
    const outcome = await Promise.race([failed.catch(() => 'lost'), new Promise(resolve => setTimeout(resolve, 20))])
    expect(outcome).toBeUndefined()
  })

  it('is asked about no more once the source has it', () => {
    const { world, look } = watched(async () => true)
    world.revision = 'main@sha1:ours'
    world.ms = 60_000
    look()
    expect(world.asked).toBe(0)
  })
})

import { describe, expect, test } from 'vitest'
import { systemClock } from '../../base/clock.ts'
import { type WorkContext, WorkQueue, type WorkResult } from './work-queue.ts'

type Handle = (key: string, context: WorkContext<string>) => Promise<WorkResult>

function queueOf(handle: Handle, concurrency = 2): WorkQueue<string> {
  return new WorkQueue<string>({
    concurrency,
    clock: systemClock,
    handle,
    onError: () => undefined,
    retryMs: () => 10,
    requeueReason: 'interval',
  })
}

/** A handler that stays in flight until it is let go. */
function gate() {
  const open = new Map<string, () => void>()
  const ran: string[] = []
  const handle: Handle = async (key, { reasons }) => {
    ran.push(`${key}:${[...reasons].join('+')}`)
    await new Promise<void>(resolve => open.set(key, resolve))
    return {}
  }
  const release = async (key: string) => {
    open.get(key)?.()
    await tick()
  }
  return { ran, handle, release }
}

const tick = () => new Promise(resolve => setTimeout(resolve, 5))

describe('a work queue', () => {
  test('merges reasons of a waiting key, and runs a key that is in flight once more afterwards', async () => {
    const { ran, handle, release } = gate()
    const queue = queueOf(handle, 1)
    queue.add('a', 'one')
    queue.add('a', 'two')
    queue.add('a', 'three')
    expect(ran).toEqual(['a:one'])
    await release('a')
    expect(ran).toEqual(['a:one', 'a:two+three'])
    await release('a')
    expect(ran).toHaveLength(2)
    await queue.close()
  })

  test('works on so many keys at once, urgent ones first', async () => {
    const { ran, handle, release } = gate()
    const queue = queueOf(handle, 1)
    queue.add('first', 'x')
    queue.add('routine', 'x', 2)
    queue.add('change', 'x', 1)
    queue.add('person', 'x', 0)
    for (const key of ['first', 'person', 'change', 'routine']) await release(key)
    expect(ran).toEqual(['first:x', 'person:x', 'change:x', 'routine:x'])
    await queue.close()
  })

  test('lets routine work through now and then, however much urgent work there is', async () => {
    const ran: string[] = []
    const queue: WorkQueue<string> = queueOf(async key => {
      ran.push(key)
      if (key.startsWith('urgent') && ran.length < 40) queue.add(`urgent-${ran.length}`, 'x', 1)
      await tick()
      return {}
    }, 1)
    queue.add('urgent', 'x', 1)
    queue.add('urgent-too', 'x', 1)
    queue.add('routine', 'x', 2)
    await new Promise(resolve => setTimeout(resolve, 150))
    expect(ran.indexOf('routine')).toBeGreaterThan(0)
    expect(ran.indexOf('routine')).toBeLessThan(12)
    await queue.close()
  })

  test('a parked key gives its place to others and keeps others off the same key', async () => {
    let wake: () => void = () => undefined
    const ran: string[] = []
    const queue = queueOf(async (key, { park }) => {
      ran.push(key)
      if (key === 'waits' && ran.length === 1) await park(() => new Promise<void>(resolve => (wake = resolve)))
      return {}
    }, 1)
    queue.add('waits', 'x')
    await tick()
    queue.add('other', 'x')
    queue.add('waits', 'again')
    await tick()
    expect(ran).toEqual(['waits', 'other'])
    wake()
    await tick()
    expect(ran).toEqual(['waits', 'other', 'waits'])
    await queue.close()
  })

  test('tells a key in flight why it is wanted again', async () => {
    const heard: string[] = []
    const queue = queueOf(async (_key, { park, onWake }) => {
      const end = onWake(reason => heard.push(reason))
      await park(() => new Promise(resolve => setTimeout(resolve, 30)))
      end()
      return {}
    })
    queue.add('a', 'one')
    await tick()
    queue.add('a', 'source')
    expect(heard).toEqual(['source'])
    await queue.close()
  })

  test('runs a key again after the time that its handler asked for, or earlier when something happens', async () => {
    const ran: string[] = []
    const queue = queueOf(async (_key, { reasons }) => {
      ran.push([...reasons].join())
      return ran.length < 3 ? { requeueAfterMs: 20 } : {}
    })
    queue.add('a', 'one')
    await new Promise(resolve => setTimeout(resolve, 100))
    expect(ran).toEqual(['one', 'interval', 'interval'])
    await queue.close()
  })

  test('a wait of many years does not ring at once', async () => {
    const ran: string[] = []
    const queue = queueOf(async key => {
      ran.push(key)
      return {}
    })
    queue.addAfter('a', 'x', 8_000_000_000_000)
    await tick()
    expect(ran).toEqual([])
    await queue.close()
  })

  test('a handler that throws is tried again, and stops nobody else', async () => {
    const ran: string[] = []
    const queue = queueOf(async key => {
      ran.push(key)
      if (key === 'bad' && ran.filter(name => name === 'bad').length < 3) throw new Error('no')
      return {}
    })
    queue.add('bad', 'x')
    queue.add('good', 'x')
    await new Promise(resolve => setTimeout(resolve, 80))
    expect(ran.filter(name => name === 'bad')).toHaveLength(3)
    expect(ran).toContain('good')
    await queue.close()
  })

  test('closing ends waits, lets a step finish, and takes nothing new', async () => {
    const log: string[] = []
    const queue = queueOf(async (_key, { closing }) => {
      await new Promise(resolve => setTimeout(resolve, 30))
      log.push(closing.aborted ? 'finished while closing' : 'finished')
      return {}
    })
    queue.add('a', 'x')
    await tick()
    const closed = queue.close()
    queue.add('b', 'x')
    await closed
    expect(log).toEqual(['finished while closing'])
    expect(queue.inFlight).toBe(0)
  })

  test('a key that is given up ends its work at once, and comes back only when it is added again', async () => {
    const log: string[] = []
    const failures: unknown[] = []
    const queue = new WorkQueue<string>({
      concurrency: 2,
      clock: systemClock,
      handle: async (key, { closing, signal, reasons }) => {
        log.push(`${key}:${[...reasons].join('+')}`)
        if (reasons.has('again')) return {}
        await new Promise((_resolve, reject) => closing.addEventListener('abort', () => reject(closing.reason)))
        expect(signal.aborted).toBe(true)
        return {}
      },
      onError: (_key, error) => failures.push(error),
      retryMs: () => 1,
      requeueReason: 'interval',
    })
    queue.add('a', 'x')
    queue.add('b', 'x')
    await tick()
    queue.add('a', 'more')
    queue.giveUp('a')
    queue.giveUp('never')
    await new Promise(resolve => setTimeout(resolve, 30))
    expect(queue.inFlight).toBe(1)
    expect(log).toEqual(['a:x', 'b:x'])
    queue.add('a', 'again')
    await tick()
    expect(log).toEqual(['a:x', 'b:x', 'a:again'])
    await queue.close()
    expect(failures).toEqual([])
  })
})

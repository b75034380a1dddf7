import { expect, test } from 'vitest'
import { systemClock } from '../../base/clock.ts'
import { Inbox } from './inbox.ts'

test('a flood is one pass at once and one later, and every caller hears when its own is done', async () => {
  const batches: number[][] = []
  const inbox = new Inbox<number>(systemClock, { items: 1000, bytes: 1e6, everyMs: 40 }, async batch => {
    batches.push([...batch])
  })
  await Promise.all(Array.from({ length: 500 }, (_, item) => inbox.add(item, 10)))
  expect(batches.map(batch => batch.length)).toEqual([1, 499])
})

test('what is too much is refused at once, by number and by size', async () => {
  let open: () => void = () => undefined
  const held = new Promise<void>(resolve => (open = resolve))
  const inbox = new Inbox<string>(systemClock, { items: 3, bytes: 100, everyMs: 0 }, () => held)
  const first = inbox.add('first', 500)
  const second = inbox.add('second', 60)
  expect(inbox.add('third', 60)).toBeUndefined()
  const rest = [inbox.add('small', 1), inbox.add('smaller', 1)]
  expect(inbox.add('one too many', 1)).toBeUndefined()
  open()
  await Promise.all([first, second, ...rest])
})

test('a pass that fails is told to its callers, and stops none of the next', async () => {
  let fail = true
  const inbox = new Inbox<string>(systemClock, { items: 10, bytes: 100, everyMs: 0 }, async () => {
    if (fail) throw new Error('no server')
  })
  await expect(inbox.add('a', 1)).rejects.toThrow('no server')
  fail = false
  await inbox.add('b', 1)
})

import { expect, test } from 'vitest'
import type { Clock } from '../../base/clock.ts'
import { systemClock } from '../../base/clock.ts'
import { createKubeClient } from '../../kube/client/index.ts'
import { ObjectWatches } from './object-watches.ts'

test('a watch that never opens, of an object that nobody reads any more, fails nobody else', async () => {
  const unhandled: unknown[] = []
  const note = (error: unknown) => unhandled.push(error)
  process.on('unhandledRejection', note)
  // Nobody listens there; and the ten seconds are over at once.
  const access = {
    server: 'http://127.0.0.1:1',
    tls: { insecure: false },
    credentials: { current: () => ({}), refresh: () => false },
  }
  const client = createKubeClient(access as never, { userAgent: 'test' })
  const clock: Clock = { ...systemClock, sleep: (_ms, signal) => systemClock.sleep(20, signal) }
  const watches = new ObjectWatches(client, clock)
  const ref = { group: '((((', version: '((((', kind: '((((', namespace: 'apps', name: '((((' }
  const read = watches.read('one', ref).catch((error: unknown) => error)
  watches.retain('one', [])
  expect(await read).toMatchObject({ code: 'E_ENGINE_NOT_READABLE' })
  await new Promise(resolve => setImmediate(resolve))
  watches.stop()
  process.off('unhandledRejection', note)
  await client.close()
  expect(unhandled).toEqual([])
})

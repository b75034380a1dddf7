import { setMaxListeners } from 'node:events'
import { request } from 'undici'
import type { TestServer } from '../../src/server/testing/test-server.ts'
import { percentile } from '../stats.ts'
import type { Figure } from '../types.ts'

/** From a change in the server to the moment at which each of many tabs has it; and until the last one has. */
export async function fanOut(server: TestServer, tabs: number, rounds: number): Promise<Figure[]> {
  const stop = new AbortController()
  // One for all tabs.
  setMaxListeners(0, stop.signal)
  const one: number[] = []
  const last: number[] = []
  let heard: () => void = () => {}
  let sentAt = 0
  const people = await Promise.all(
    // One person may have so many tabs; 200 tabs are several people.
    Array.from({ length: Math.ceil(tabs / 40) }, (_, i) =>
      server.person(`tabs-${i}`, [{ role: 'viewer', project: '*', environment: '*' }]),
    ),
  )
  const opened: Promise<void>[] = []
  for (let i = 0; i < tabs; i++) {
    const { headers } = people[Math.floor(i / 40)]!
    const { body, statusCode } = await request(`${server.url}/api/v1/live?topics=fleet`, {
      headers,
      signal: stop.signal,
    })
    if (statusCode !== 200) throw new Error(`the stream answered ${statusCode}`)
    body.on('error', () => {})
    opened.push(
      new Promise(done => {
        body.on('data', (bytes: Buffer) => {
          const text = bytes.toString('utf8')
          if (text.includes('event: ready')) done()
          if (!text.includes('event: change')) return
          one.push(performance.now() - sentAt)
          heard()
        })
      }),
    )
  }
  await Promise.all(opened)
  for (let round = 0; round < rounds; round++) {
    let missing = tabs
    const all = new Promise<void>(done => {
      heard = () => {
        if (--missing === 0) done()
      }
    })
    sentAt = performance.now()
    server.server.context.live.publish({ topic: 'fleet' })
    await all
    last.push(performance.now() - sentAt)
  }
  stop.abort()
  return [
    { name: `change → a tab, ${tabs} tabs, p50`, value: percentile(one, 0.5), unit: 'ms' },
    { name: `change → a tab, ${tabs} tabs, p99`, value: percentile(one, 0.99), unit: 'ms' },
    { name: `change → the last of ${tabs} tabs, p50`, value: percentile(last, 0.5), unit: 'ms' },
  ]
}

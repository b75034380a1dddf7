import type { IncomingMessage } from 'node:http'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { SkipClock } from '../../../bench/applications/skip-clock.ts'
import { configMap, messageOf } from '../../../src/engine/testing/world.ts'
import { answerStatus } from './harness/fault-proxy.ts'
import { type FaultyWorld, openFaultyWorld } from './harness/faulty-world.ts'
import { Survivals, times } from './harness/survivals.ts'

// Faults of the API server, rows F4 to F13 of the fault table: whatever it does, the engine comes to what Git says, and
// does not hammer.
const survivals = new Survivals('API server')
const clock = new SkipClock(5000)
let faulty: FaultyWorld
let round = 0

beforeAll(async () => {
  faulty = await openFaultyWorld({ 'app/a.yaml': configMap('a'), 'other/b.yaml': configMap('b') })
  await faulty.start({ clock, lease: { durationMs: 36_000_000 } })
  await faulty.world.source()
  await faulty.world.kustomization('app', { retryInterval: '1s' })
  await faulty.world.kustomization('other', { retryInterval: '1s' })
  await faulty.world.ready('app')
  await faulty.world.ready('other')
})
afterAll(() => faulty.close())

const isWatch = (request: IncomingMessage) => request.url?.includes('watch=') === true
const change = () => faulty.world.commit({ 'app/a.yaml': configMap('a', { round: String(++round) }) })
const value = async () => ((await faulty.world.find('ConfigMap', 'a'))?.['data'] as { round?: string })?.round

/** A commit is applied, and drift is seen: calls and watches are both well. */
async function expectWell(commit?: string): Promise<void> {
  const { world } = faulty
  const target = commit ?? (await change())
  await world.until(
    'Kustomization',
    'app',
    object => JSON.stringify(object?.['status']).includes(`Applied revision: main@sha1:${target}`),
    { ms: 20_000 },
  )
  expect(await value()).toBe(String(round))
  await world.client.apply(
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'apps' }, data: { round: 'drift' } },
    { fieldManager: 'kubectl-edit', force: true },
  )
  await world.until('ConfigMap', 'a', object => (object?.['data'] as { round?: string })?.round === String(round), {
    ms: 20_000,
  })
  clock.skip(61_000)
}

test('it is restarted, again and again', async () => {
  await survivals.row('F4 restarted (a commit every 10th time)', times(100), async at => {
    await faulty.world.cluster.stop()
    faulty.api.cut()
    await faulty.world.cluster.start()
    if (at % 10 === 9) await expectWell()
  })
})

test('it has forgotten what a watch goes on from', async () => {
  const gone = 'too old resource version: 1 (2)'
  const forms: Record<string, (request: IncomingMessage) => boolean> = {
    status: isWatch,
    event: isWatch,
    list: request => /[?&]limit=/.test(request.url ?? ''),
  }
  await survivals.row(
    'F5 410 Gone: as status, in the stream, for a list',
    Object.entries(forms),
    async ([form, hit]) => {
      let left = form === 'list' ? 1 : 6
      faulty.api.fault = (request, response) => {
        if (!hit(request) || left-- <= 0) return 'pass'
        if (form !== 'event') return answerStatus(response, 410, 'Expired', gone)
        response.writeHead(200, { 'content-type': 'application/json' })
        const status = {
          kind: 'Status',
          apiVersion: 'v1',
          status: 'Failure',
          code: 410,
          reason: 'Expired',
          message: gone,
        }
        response.end(`${JSON.stringify({ type: 'ERROR', object: status })}\n`)
        return 'handled'
      }
      faulty.api.cut()
      await expectWell()
      faulty.api.fault = () => 'pass'
    },
  )
})

test('its watches fall silent, or end', async () => {
  await survivals.row('F6 half-open watches, and watches that end', ['silent', 'ended'], async how => {
    if (how === 'silent') {
      await vi.waitFor(() => expect(faulty.api.streams).toBeGreaterThan(3), { timeout: 10_000 })
      faulty.api.silence()
      clock.skip(61_000)
    } else faulty.api.cut()
    await expectWell()
  })
})

test('its watches bring everything twice, and old things again', async () => {
  await survivals.row('F7 each event twice, and the one before it once more', times(5), async () => {
    faulty.api.stutter = true
    faulty.api.cut()
    await expectWell()
    faulty.api.stutter = false
  })
  faulty.api.cut()
})

test('it has had enough', async () => {
  const later = () => new Date(Date.now() + 1000).toUTCString()
  const cases: [number, Record<string, string>][] = [
    [429, { 'retry-after': '1' }],
    [429, { 'retry-after': later() }],
    [429, { 'retry-after': '999999999' }],
    [429, { 'retry-after': '-5' }],
    [429, { 'retry-after': 'soon' }],
    [503, { 'retry-after': '1' }],
    [503, {}],
    [500, {}],
    [502, { 'content-type': 'text/html' }],
  ]
  await survivals.row('F9 429, 500, 502, 503; Retry-After of all kinds', cases, async ([code, headers]) => {
    let refused = 0
    let over = false
    faulty.api.fault = (request, response) => {
      if (over || isWatch(request) || request.method !== 'PATCH' || request.url?.includes('leases')) return 'pass'
      refused++
      return answerStatus(response, code, code === 429 ? 'TooManyRequests' : 'InternalError', 'not now', headers)
    }
    const commit = await change()
    await new Promise(resolve => setTimeout(resolve, 700))
    over = true
    // Two Kustomizations and a source want to write: none of them more than a few times a second.
    expect(refused).toBeLessThan(40)
    expect(refused).toBeGreaterThan(0)
    clock.skip(900_000)
    await expectWell(commit)
    faulty.api.fault = () => 'pass'
  })
})

test('it never answers about one object, or refuses one', async () => {
  const { world } = faulty
  const refusals: Record<string, (response: Parameters<typeof answerStatus>[0]) => 'handled'> = {
    'no answer': () => 'handled',
    forbidden: response =>
      answerStatus(
        response,
        403,
        'Forbidden',
        'configmaps "b" is forbidden: User "sluice" cannot patch resource "configmaps"',
      ),
    'denied by a webhook': response =>
      answerStatus(response, 400, 'BadRequest', 'admission webhook "policy.example.com" denied the request: no'),
    'webhook timeout': response =>
      answerStatus(
        response,
        500,
        'InternalError',
        'failed calling webhook "policy.example.com": context deadline exceeded',
      ),
  }
  await survivals.row(
    'F10, F11, F13 one object: no answer, 403, admission',
    Object.entries(refusals),
    async ([name, refuse]) => {
      faulty.api.fault = (request, response) =>
        request.method === 'PATCH' && request.url?.includes('/configmaps/b') ? refuse(response) : 'pass'
      round++
      const commit = await world.commit({
        'app/a.yaml': configMap('a', { round: String(round) }),
        'other/b.yaml': configMap('b', { round: String(round) }),
      })
      await expectWell(commit)
      if (name === 'forbidden' || name.startsWith('denied')) {
        const failed = await world.failed('other', 'ReconciliationFailed')
        expect(messageOf(failed)).toContain('ConfigMap/apps/b')
      }
      expect(await world.find('ConfigMap', 'b')).toBeDefined()
      faulty.api.fault = () => 'pass'
      faulty.api.cut()
      clock.skip(900_000)
      await world.ready('other', commit)
    },
  )
})

test('discovery fails for a while', async () => {
  await survivals.row('F12 discovery answers 503: nothing is pruned', ['all'], async () => {
    const { world } = faulty
    const before = await world.find('ConfigMap', 'b')
    faulty.api.fault = (request, response) =>
      /^\/apis?(\/[^/]+(\/[^/?]+)?)?(\?|$)/.test(request.url ?? '')
        ? answerStatus(response, 503, 'ServiceUnavailable', 'no discovery')
        : 'pass'
    faulty.api.cut()
    await world.commit({ 'app/more.yaml': configMap('more') })
    await new Promise(resolve => setTimeout(resolve, 500))
    faulty.api.fault = () => 'pass'
    clock.skip(900_000)
    await expectWell()
    expect((await world.find('ConfigMap', 'b'))?.metadata.uid).toBe(before?.metadata.uid)
  })
})

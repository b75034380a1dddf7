import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { systemClock } from '../base/clock.ts'
import { SluiceError } from '../base/errors/index.ts'
import { conditionOf } from '../kube/condition.ts'
import type { KubeObject } from '../kube/object.ts'
import { startCluster } from '../sandbox/cluster/start.ts'
import { startForge } from '../sandbox/forge/index.ts'
import { singleTenant, startEngine } from './index.ts'
import { type Call, countCalls } from './testing/counting-client.ts'
import { configMap, World } from './testing/world.ts'

// What happens when the engine dies, when there are two, and when the API server is in a bad mood.
let world: World

beforeEach(async () => {
  world = await World.open({ startCluster, startForge }, { 'app/a.yaml': configMap('a'), 'app/b.yaml': configMap('b') })
})
afterEach(() => world.close())

const inventoryOf = (object: KubeObject | undefined) =>
  ((object?.['status'] as { inventory?: { entries: { id: string }[] } } | undefined)?.inventory?.entries ?? []).map(
    ({ id }) => id,
  )

/** ConfigMaps that carry the labels of the Kustomization `app`. */
async function owned(): Promise<string[]> {
  const { items } = await world.client.list(
    { apiVersion: 'v1', kind: 'ConfigMap' },
    { namespace: 'apps', labelSelector: 'kustomize.toolkit.fluxcd.io/name=app' },
  )
  return items.map(({ metadata }) => metadata.name ?? '').sort()
}

describe('an engine that dies', () => {
  test('at any of its calls leaves nothing that the next one does not put right', async () => {
    await world.start()
    await world.source()
    await world.kustomization('app')
    const first = await world.commit({ 'app/c.yaml': configMap('c') })
    await world.ready('app', first)
    // The scenario: one object changes, one goes, one comes. Once through to count the calls, then once per call.
    const change = (round: number) =>
      world.commit({
        'app/a.yaml': configMap('a', { round: String(round) }),
        [`app/x${round - 1}.yaml`]: undefined,
        [`app/x${round}.yaml`]: configMap(`x${round}`),
      })
    const rounds = (await world.callsOf(async () => world.ready('app', await change(0)))).length
    expect(rounds).toBeGreaterThan(5)
    for (let round = 1; round <= rounds; round++) {
      let left = round
      let dead = false
      world.beforeCall = call => {
        if (call.what.startsWith('Lease/') && !dead) return
        if (dead || --left === 0) {
          dead = true
          throw new Error('the process is gone')
        }
      }
      const commit = await change(round)
      await world.until('Kustomization', 'app', () => dead, { ms: 5000 })
      const died = await world.find('Kustomization', 'app')
      // Never Ready for what is not fully applied, and nothing applied that the inventory does not know.
      if (JSON.stringify(died?.['status'] ?? {}).includes(`"lastAppliedRevision":"main@sha1:${commit}"`)) {
        expect(await owned()).toEqual(['a', 'b', 'c', `x${round}`])
      }
      const known = inventoryOf(died)
      for (const name of await owned()) expect(known).toContain(`apps_${name}__ConfigMap`)
      await world.stop()
      world.beforeCall = undefined
      await world.start()
      await world.ready('app', commit)
      await world.quiet(50)
      expect(await owned(), `killed at call ${round} of ${rounds}`).toEqual(['a', 'b', 'c', `x${round}`])
    }
  })

  test('and comes back to what it left makes no call; without its folder it looks, and writes nothing', async () => {
    await world.start()
    await world.source()
    await world.kustomization('app')
    await world.ready('app')
    await world.stop()
    expect(await world.callsOf(() => world.start())).toEqual([])
    await world.stop()
    await rm(join(world.dir, 'engine'), { recursive: true })
    const looks = () => world.calls.filter(({ verb }) => verb === 'dry-run').length
    const before = looks()
    const calls = await world.callsOf(async () => {
      await world.start()
      await vi.waitFor(() => expect(looks()).toBe(before + 2), { timeout: 10_000 })
    })
    expect(calls.filter(({ verb }) => verb !== 'get' && verb !== 'dry-run')).toEqual([])
    expect(calls.map(({ what }) => what).sort()).toEqual(['ConfigMap/a', 'ConfigMap/b'])
  })

  test('and comes back to drift corrects it', async () => {
    await world.start()
    await world.source()
    await world.kustomization('app')
    await world.ready('app')
    await world.stop()
    await world.client.delete({ group: '', version: 'v1', kind: 'ConfigMap', namespace: 'apps', name: 'a' })
    await world.start()
    await world.until('ConfigMap', 'a', object => object !== undefined, { ms: 3000 })
  })
})

describe('Kubernetes Events', () => {
  test('tell in the cluster what happened, with the revision, in Flux’s words', async () => {
    await world.start({ kubeEvents: true })
    await world.source()
    await world.kustomization('app')
    await world.ready('app')
    await world.stop()
    const { items } = await world.client.list({ apiVersion: 'v1', kind: 'Event' }, { namespace: 'apps' })
    const about = (kind: string) =>
      items
        .filter(event => (event['involvedObject'] as { kind: string }).kind === kind)
        .map(event => [event['type'], event['reason'], event['message'], event['reportingComponent']])
    expect(about('Kustomization')).toEqual([
      [
        'Normal',
        'Progressing',
        expect.stringMatching(/^ConfigMap\/apps\/[ab] created\nConfigMap/),
        'kustomize-controller',
      ],
      [
        'Normal',
        'ReconciliationSucceeded',
        expect.stringMatching(/^Reconciliation finished in .*, next run in 10m0s$/),
        'kustomize-controller',
      ],
    ])
    expect(about('GitRepository')).toEqual([
      ['Normal', 'NewArtifact', `stored artifact for commit 'Change files'`, 'source-controller'],
    ])
    for (const { metadata } of items.filter(event => event['reason'] === 'Progressing')) {
      expect(metadata.annotations).toEqual({
        'kustomize.toolkit.fluxcd.io/revision': expect.stringMatching(/^main@sha1:/),
      })
    }
  })

  test('are not written for whom a commit does not concern, though whoever follows is told', async () => {
    await world.start({ kubeEvents: true })
    await world.source()
    await world.kustomization('app')
    await world.ready('app')
    const commit = await world.commit({ 'elsewhere/a.yaml': configMap('elsewhere') })
    await world.ready('app', commit)
    await world.stop()
    const revision = `main@sha1:${commit}`
    expect(world.events.filter(event => event.revision === revision).map(({ about }) => about.kind)).toEqual([
      'GitRepository',
      'Kustomization',
    ])
    const { items } = await world.client.list({ apiVersion: 'v1', kind: 'Event' }, { namespace: 'apps' })
    const written = items.filter(({ metadata }) => JSON.stringify(metadata.annotations ?? {}).includes(revision))
    expect(written.map(event => (event['involvedObject'] as { kind: string }).kind)).not.toContain('Kustomization')
  })
})

describe('two engines on one cluster', () => {
  const lease = { durationMs: 3000, retryMs: 200 }
  const long = { durationMs: 3_600_000, retryMs: 200 }
  const other = async (calls: Call[]) =>
    startEngine({
      client: countCalls(world.client, calls),
      dataDir: join(world.dir, 'other'),
      clock: systemClock,
      kubeEvents: false,
      tenancy: singleTenant,
      lease: long,
    })

  test('only one acts, and the other takes over at once when it closes', async () => {
    const first = await world.start({ lease: long })
    await world.source()
    await world.kustomization('app')
    await world.ready('app')
    const calls: Call[] = []
    const second = await other(calls)
    try {
      expect([first.leading, second.leading]).toEqual([true, false])
      expect(calls.filter(({ verb }) => verb !== 'get')).toEqual([])
      await world.stop()
      // Within the time of this test a Lease of an hour is never over: it was given back.
      await second.ready
      const commit = await world.commit({ 'app/a.yaml': configMap('a', { by: 'second' }) })
      second.notifyPush({ url: world.url, ref: 'refs/heads/main' })
      await world.ready('app', commit)
    } finally {
      await second.close()
    }
  })

  test('a leader that is closed while it renews its Lease gives it back too', async () => {
    await world.start({ lease: long })
    const second = await other([])
    try {
      await new Promise<void>(resolve => {
        world.beforeCall = ({ verb, what }) => {
          if (verb !== 'replace' || !what.startsWith('Lease/')) return
          world.beforeCall = undefined
          resolve(world.stop())
          return new Promise(go => setImmediate(go))
        }
      })
      await second.ready
    } finally {
      await second.close()
    }
  })

  test('a leader that was asleep writes nothing when it wakes up', async () => {
    // A clock of its own: the process sleeps, time does not.
    let asleep = 0
    const clock = { ...systemClock, monotonic: () => systemClock.monotonic() + asleep }
    const first = await world.start({ lease, clock })
    await world.source()
    await world.kustomization('app')
    await world.ready('app')
    asleep = 60_000
    expect(first.leading).toBe(false)
    // On a busy machine it may lead again by the end of the wait: what it does then is its right.
    const unlawful: string[] = []
    world.beforeCall = ({ verb, what }) => {
      if (!first.leading && verb !== 'get' && !what.startsWith('Lease/')) unlawful.push(`${verb} ${what}`)
    }
    await world.client.patch({ group: '', version: 'v1', kind: 'ConfigMap', namespace: 'apps', name: 'a' }, 'merge', {
      data: { a: 'drift' },
    })
    await new Promise(resolve => setTimeout(resolve, 50))
    world.beforeCall = undefined
    expect(unlawful).toEqual([])
  })

  test('one data folder is used by one engine', async () => {
    await world.start()
    await expect(
      startEngine({ client: world.client, dataDir: join(world.dir, 'engine'), clock: systemClock }),
    ).rejects.toMatchObject({ code: 'E_ENGINE_DATA_BUSY' })
  })
})

describe('an API server in a bad mood', () => {
  test('that is restarted finds the engine where it was: what was pushed meanwhile is applied, drift is seen', async () => {
    await world.start()
    await world.source({ interval: '1s' })
    await world.kustomization('app')
    await world.ready('app')
    await world.cluster.stop()
    const commit = await world.commit({ 'app/a.yaml': configMap('a', { while: 'down' }) })
    await new Promise(resolve => setTimeout(resolve, 500))
    await world.cluster.start()
    await world.ready('app', commit)
    const ref = { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'apps', name: 'b' }
    await world.client.delete(ref)
    await world.until('ConfigMap', 'b', object => object !== undefined)
    expect(await owned()).toEqual(['a', 'b'])
  })

  test('calls that fail for a while are tried again, until all is applied', async () => {
    await world.start()
    await world.source()
    let failures = 0
    world.beforeCall = call => {
      if (call.what.startsWith('Lease/') || failures >= 10 || Math.random() < 0.5) return
      failures++
      throw new SluiceError('E_KUBE_SERVER', { object: call.what, seen: 'HTTP 503' })
    }
    await world.kustomization('app', { retryInterval: '1s' })
    await world.until('Kustomization', 'app', object => conditionOf(object, 'Ready')?.status === 'True', { ms: 60_000 })
    expect(await owned()).toEqual(['a', 'b'])
  })
})

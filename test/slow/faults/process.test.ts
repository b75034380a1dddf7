import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { configMap, World } from '../../../src/engine/testing/world.ts'
import { conditionOf } from '../../../src/kube/condition.ts'
import { startCluster } from '../../../src/sandbox/cluster/start.ts'
import { startForge } from '../../../src/sandbox/forge/index.ts'
import { bundleEngine, EngineProcess } from './harness/engine-process.ts'
import { Survivals, times } from './harness/survivals.ts'

// What happens to the engine's process: killed at each effect, stopped and woken, without disk. Rows F1, F22, F26.
const survivals = new Survivals('The engine as a process')
let world: World
let program: string
let engine: EngineProcess | undefined
let round = 0

beforeAll(async () => {
  world = await World.open(
    { startCluster, startForge },
    { 'app/a.yaml': configMap('a'), 'app/x0.yaml': configMap('x0') },
  )
  program = await bundleEngine()
  await world.source()
  await world.kustomization('app', { retryInterval: '1s' })
})
afterAll(async () => {
  await engine?.kill()
  await world.close()
})

const start = (name: string, options: { leaseSeconds?: number; fileBlocks?: number } = {}) =>
  new EngineProcess(program, { kubeconfig: join(world.dir, 'kubeconfig'), dataDir: join(world.dir, name), ...options })

/** One object changes, one goes, one comes. */
async function change(): Promise<string> {
  round++
  return world.commit({
    'app/a.yaml': configMap('a', { round: String(round) }),
    [`app/x${round - 1}.yaml`]: undefined,
    [`app/x${round}.yaml`]: configMap(`x${round}`),
  })
}

async function owned(): Promise<Map<string, string | undefined>> {
  const { items } = await world.client.list(
    { apiVersion: 'v1', kind: 'ConfigMap' },
    { namespace: 'apps', labelSelector: 'kustomize.toolkit.fluxcd.io/name=app' },
  )
  return new Map(items.map(({ metadata }) => [metadata.name ?? '', metadata.uid]))
}

async function inventory(): Promise<string[]> {
  const status = (await world.find('Kustomization', 'app'))?.['status'] as
    | { inventory?: { entries: { id: string }[] } }
    | undefined
  return (status?.inventory?.entries ?? []).map(({ id }) => id)
}

/** The engine has brought everything to a commit, and made nothing anew that was there. */
async function expectWell(commit: string, before: ReadonlyMap<string, string | undefined>): Promise<void> {
  const deadline = performance.now() + 15_000
  for (;;) {
    const object = await world.find('Kustomization', 'app')
    if (conditionOf(object, 'Ready')?.message === `Applied revision: main@sha1:${commit}`) break
    if (performance.now() > deadline) throw new Error(JSON.stringify(object?.['status'], null, 1))
    engine?.order({ do: 'push', url: world.url })
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  const after = await owned()
  expect([...after.keys()].sort()).toEqual(['a', `x${round}`].sort())
  for (const [name, uid] of after) if (before.has(name)) expect(uid).toBe(before.get(name))
  expect((await inventory()).sort()).toEqual(['apps_a__ConfigMap', `apps_x${round}__ConfigMap`])
}

test('it is killed at each of its effects, and at any moment', async () => {
  engine = start('engine')
  await engine.started
  await expectWell(await change(), new Map())
  await engine.count(true)
  await expectWell(await change(), await owned())
  const { effects } = await engine.count()
  expect(effects).toBeGreaterThan(5)
  // Before each of them and after the last: after one is before the next.
  const cases = [
    ...times(effects).map(at => ({ when: 'before', at: at + 1 }) as const),
    { when: 'after', at: effects } as const,
  ]
  await survivals.row(
    'F1 SIGKILL before each effect of a reconcile, and after the last',
    cases,
    async ({ when, at }) => {
      engine!.order({ do: 'die', when, at })
      const before = await owned()
      const commit = await change()
      engine!.order({ do: 'push', url: world.url })
      // The last effects are events, which can come later or be put together: then it dies at rest.
      const timer = setTimeout(() => engine!.signal('SIGKILL'), 1500)
      expect(await engine!.ended).toBe('SIGKILL')
      clearTimeout(timer)
      const left = await owned()
      const known = await inventory()
      for (const name of left.keys()) expect(known).toContain(`apps_${name}__ConfigMap`)
      engine = start('engine')
      await engine.started
      await expectWell(commit, new Map([...before, ...left]))
    },
  )
  await survivals.row('F1 SIGKILL at any moment', times(5), async () => {
    const commit = await change()
    engine!.order({ do: 'push', url: world.url })
    await new Promise(resolve => setTimeout(resolve, Math.random() * 150))
    await engine!.kill()
    engine = start('engine')
    await engine.started
    await expectWell(commit, await owned())
  })
  await engine.kill()
})

test('two of them: the one that leads is stopped, and wakes up with an old lease', async () => {
  const two = [start('one', { leaseSeconds: 2 }), start('two', { leaseSeconds: 2 })]
  await Promise.all(two.map(one => one.started))
  try {
    await survivals.row(
      'F26 two engines, the leader stopped for longer than its lease and woken',
      times(2),
      async () => {
        let leader: EngineProcess | undefined
        for (let tries = 0; leader === undefined && tries < 400; tries++) {
          for (const one of two) if ((await one.count()).leading) leader = one
          await new Promise(resolve => setTimeout(resolve, 50))
        }
        const other = two.find(one => one !== leader)!
        leader!.signal('SIGSTOP')
        engine = other
        await expectWell(await change(), new Map())
        leader!.signal('SIGCONT')
        await new Promise(resolve => setTimeout(resolve, 500))
        const woken = await leader!.count()
        expect(woken.leading).toBe(false)
        await expectWell(await change(), new Map())
        expect((await leader!.count()).effects).toBe(woken.effects)
      },
    )
  } finally {
    engine = undefined
    await Promise.all(two.map(one => one.kill()))
  }
})

test('there is no room for what it writes', async () => {
  await survivals.row('F22 no file above 0, 4, 64 KiB, then room again', [0, 4, 64], async fileBlocks => {
    const before = await owned()
    engine = start(`full-${fileBlocks}`, { fileBlocks, leaseSeconds: 1 })
    const commit = await change()
    if (await engine.started) {
      engine.order({ do: 'push', url: world.url })
      await new Promise(resolve => setTimeout(resolve, 700))
    }
    await engine.kill()
    const proofs = await readFile(join(world.dir, `full-${fileBlocks}`, 'proofs.json'), 'utf8').catch(() => '{}')
    expect(() => JSON.parse(proofs)).not.toThrow()
    for (const name of before.keys()) if (name === 'a') expect((await owned()).get(name)).toBe(before.get(name))
    engine = start(`full-${fileBlocks}`, { leaseSeconds: 1 })
    expect(await engine.started).toBe(true)
    await expectWell(commit, await owned())
    await engine.kill()
  })
})

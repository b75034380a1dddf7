import { afterEach, expect, test } from 'vitest'
import { SkipClock } from '../../../bench/applications/skip-clock.ts'
import { configMap, messageOf, World } from '../../../src/engine/testing/world.ts'
import { conditionOf } from '../../../src/kube/condition.ts'
import { startCluster } from '../../../src/sandbox/cluster/start.ts'
import { startForge } from '../../../src/sandbox/forge/index.ts'
import { Survivals, times } from './harness/survivals.ts'

// What is in the cluster and in Git can be bad too: poisoned objects, another writer, a clock that jumps. Rows F8, F25, 1.G.
const survivals = new Survivals('Objects, writers, clocks')
let world: World

const open = async (files: Readonly<Record<string, string>>) => {
  world = await World.open({ startCluster, startForge }, files)
}
afterEach(() => world.close())

/** What a Kustomization can be poisoned with: its spec, and the files that it builds. */
const poisons: Record<string, { spec?: object; files?: Record<string, string>; harmless?: true }> = {
  'huge interval': { spec: { interval: '99999999999h' } },
  'no interval': { spec: { interval: 'soon' } },
  'negative timeout': { spec: { timeout: '-1s' } },
  'path outside': { spec: { path: '../../etc' } },
  'no such path': { spec: { path: './nowhere' } },
  'no such source': { spec: { sourceRef: { kind: 'GitRepository', name: 'nowhere' } } },
  'no such account': { spec: { serviceAccountName: 'nobody' } },
  'depends on itself': { spec: { dependsOn: [{ name: 'depends-on-itself' }] } },
  'depends on nothing there': { spec: { dependsOn: [{ name: 'nothing' }] } },
  'bad expression': {
    spec: {
      wait: true,
      healthCheckExprs: [{ apiVersion: 'v1', kind: 'ConfigMap', current: '((((' }],
    },
  },
  'bad variable': { spec: { postBuild: { substitute: { 'no name': 'x' } } } },
  'bad patch': { spec: { patches: [{ patch: '- op: nonsense\n  path: /x', target: { kind: 'ConfigMap' } }] } },
  'no YAML': { files: { 'a.yaml': 'a: [\n b: }' } },
  'no object': { files: { 'a.yaml': '- 1\n- 2\n' } },
  'alias bomb': {
    files: {
      'a.yaml': `a: &a [x,x,x,x,x,x,x,x,x]\n${times(9)
        .map(i => `b${i}: &b${i} [${Array(9).fill(i === 0 ? '*a' : `*b${i - 1}`)}]`)
        .join('\n')}\n`,
    },
  },
  'deep nesting': {
    files: { 'a.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: deep}\ndata: ${'['.repeat(20_000)}` },
  },
  'unknown kind': {
    files: { 'a.yaml': 'apiVersion: example.com/v1\nkind: Nothing\nmetadata: {name: x, namespace: apps}\n' },
  },
  'invalid object': {
    files: {
      'a.yaml':
        'apiVersion: v1\nkind: Service\nmetadata: {name: x, namespace: apps}\nspec: {ports: [{port: 99999999}]}\n',
    },
  },
  'no namespace': { files: { 'a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n' } },
  'namespace not there': { files: { 'a.yaml': configMap('x', {}, 'nowhere') } },
  twins: { files: { 'a.yaml': configMap('twin'), 'b.yaml': configMap('twin', { b: '2' }) } },
  'number in data': {
    files: { 'a.yaml': 'apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: apps}\ndata: {a: 1}\n' },
  },
  'kustomization that includes itself': { files: { 'kustomization.yaml': 'resources: [.]\n' } },
  'resource outside': { files: { 'kustomization.yaml': 'resources: [../../../../etc/passwd]\n' } },
  'link in Git': { files: { 'kustomization.yaml': 'resources: [/proc/self/environ]\n' } },
  'endless regex': {
    spec: { postBuild: { substitute: { a: 'a'.repeat(5000) } } },
    // A pattern is a glob here, so that there is nothing to be endless.
    harmless: true,
    files: { 'a.yaml': configMap('re', { x: '${a/(a+)+$/b}' }) },
  },
}

test('one bad object of each kind among a hundred good ones', async () => {
  const good = times(100).map(at => `good-${at}`)
  const bad = Object.entries(poisons).map(([name, poison]) => ({
    name: name.toLowerCase().replace(/[^a-z]+/g, '-'),
    ...poison,
  }))
  const files = Object.fromEntries(good.map(name => [`${name}/a.yaml`, configMap(name)]))
  for (const { name, files: own = { 'a.yaml': configMap(name) } } of bad) {
    for (const [path, text] of Object.entries(own)) files[`${name}/${path}`] = text
  }
  await open(files)
  await world.start()
  await world.source()
  await Promise.all(good.map(name => world.kustomization(name)))
  for (const name of good) await world.ready(name)
  const sources = {
    'bad-url': { url: 'file:///etc' },
    'bad-ref': { ref: { branch: '--upload-pack=touch /tmp/x' } },
    'bad-semver': { ref: { semver: '>>>' } },
    'no-secret': { secretRef: { name: 'none' } },
  }
  // What the API server itself refuses never gets to the engine.
  const refused = new Set<string>()
  const unlessRefused = (name: string, made: Promise<unknown>) => made.catch(() => refused.add(name))
  await Promise.all([
    ...bad.map(({ name, spec }) => unlessRefused(name, world.kustomization(name, spec))),
    ...Object.entries(sources).map(([name, spec]) => unlessRefused(name, world.source(spec, name))),
  ])
  const says = async (kind: string, name: string, harmless = false): Promise<void> => {
    if (refused.has(name)) return
    if (harmless) return void (await world.ready(name))
    const object = await world.until(kind, name, found => conditionOf(found, 'Ready')?.status === 'False')
    expect(messageOf(object).length).toBeGreaterThan(10)
  }
  await survivals.row('1.G poisoned Kustomizations: each says what is wrong', bad, ({ name, harmless }) =>
    says('Kustomization', name, harmless),
  )
  await survivals.row('1.G poisoned GitRepositories: each says what is wrong', Object.keys(sources), name =>
    says('GitRepository', name),
  )
  const commit = await world.commit(
    Object.fromEntries(good.map(name => [`${name}/a.yaml`, configMap(name, { b: '2' })])),
  )
  await survivals.row('1.G 100 good Kustomizations beside them follow a commit', good, async name => {
    await world.ready(name, commit)
  })
})

test('another writer at 100 Hz', async () => {
  const clock = new SkipClock(5000)
  await open({ 'app/a.yaml': configMap('a', { value: 'git' }), 'other/b.yaml': configMap('b') })
  await world.start({ clock, lease: { durationMs: 36_000_000 } })
  await world.source()
  await world.kustomization('app')
  await world.kustomization('other')
  await world.ready('app')
  await survivals.row('F8 a competing writer: named, not fought; others go on', ['controller'], async () => {
    const from = world.calls.length
    let over = false
    const write = async () => {
      for (let at = 0; !over; at++) {
        const data = { value: `other ${at}` }
        const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'apps' }, data }
        await world.client.apply(object, { fieldManager: 'rival', force: true })
        await new Promise(resolve => setTimeout(resolve, 10))
      }
    }
    const writing = write()
    const commit = await world.commit({ 'other/b.yaml': configMap('b', { b: '2' }) })
    await world.ready('other', commit)
    await new Promise(resolve => setTimeout(resolve, 3000))
    over = true
    await writing
    const writes = world.calls.slice(from).filter(({ verb, what }) => verb === 'apply' && what === 'ConfigMap/a')
    // Five at once, then ever slower: 13 within a minute at most.
    expect(writes.length).toBeLessThanOrEqual(13)
    const told = world.events.filter(({ reason }) => reason === 'DriftContested')
    expect(told).toHaveLength(1)
    expect(told[0]!.message).toContain('"rival"')
    expect(told[0]!.message).toContain('ConfigMap/apps/a')
    clock.skip(31_000)
    await world.until('ConfigMap', 'a', object => (object?.['data'] as { value?: string })?.value === 'git')
  })
})

test('the clock jumps', async () => {
  let offset = 0
  const clock = new (class extends SkipClock {
    override now(): Date {
      return new Date(Date.now() + offset)
    }
  })()
  await open({ 'app/a.yaml': configMap('a') })
  await world.start({ clock })
  await world.source()
  await world.kustomization('app')
  await world.ready('app')
  const hour = 3_600_000
  const year = 365 * 24 * hour
  let round = 0
  await survivals.row(
    'F25 the clock jumps by an hour or ten years, both ways: no storm',
    [hour, -hour, 10 * year, -10 * year, 0],
    async ms => {
      const calls = await world.callsOf(async () => {
        offset = ms
        await new Promise(resolve => setTimeout(resolve, 500))
      })
      expect(calls.length).toBeLessThan(5)
      await world.ready('app', await world.commit({ 'app/a.yaml': configMap('a', { round: String(++round) }) }))
      expect(world.engine?.leading).toBe(true)
    },
  )
})

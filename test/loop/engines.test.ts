import { type ChildProcess, spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { configMap, World } from '../../src/engine/testing/world.ts'
import { type SandboxCluster, startCluster } from '../../src/sandbox/cluster/start.ts'
import { startForge } from '../../src/sandbox/forge/index.ts'
import { type CountingProxy, startCountingProxy } from '../harness/counting-proxy.ts'

// Several `sluice engine` processes on one cluster: each write is seen, with the process that made it.
const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

let world: World
let cluster: SandboxCluster
const running: EngineProcess[] = []

beforeAll(async () => {
  world = await World.open(
    { startCluster: async options => (cluster = await startCluster(options)), startForge },
    Object.fromEntries(names.map(name => [`${name}/a.yaml`, configMap(name)])),
  )
})
afterEach(async () => {
  await Promise.all(running.splice(0).map(engine => engine.end()))
})
afterAll(() => world.close())

const names = Array.from({ length: 8 }, (_, i) => `app-${i}`)
const shardOf = (name: string) => (Number(name.at(-1)) % 2 === 0 ? 'even' : 'odd')

/** One engine as a process of its own, behind a proxy of its own. */
class EngineProcess {
  readonly #child: ChildProcess
  readonly #proxy: CountingProxy
  #said = ''

  private constructor(child: ChildProcess, proxy: CountingProxy) {
    this.#child = child
    this.#proxy = proxy
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', chunk => (this.#said += String(chunk)))
  }

  static async start(name: string, ...args: string[]): Promise<EngineProcess> {
    const proxy = await startCountingProxy(cluster)
    const kubeconfig = join(world.dir, `${name}.kubeconfig`)
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'x',
      contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
      clusters: [{ name: 'x', cluster: { server: proxy.url } }],
      users: [{ name: 'x', user: { token: cluster.adminToken.reveal() } }],
    }
    await writeFile(kubeconfig, JSON.stringify(config), { mode: 0o600 })
    const child = spawn(
      process.execPath,
      // One owner: the objects of this test have no service accounts.
      [
        main,
        'engine',
        '--kubeconfig',
        kubeconfig,
        '--data',
        join(world.dir, name),
        '--default-service-account',
        '',
        ...args,
      ],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { PATH: process.env['PATH'] ?? '', HOME: world.dir, NO_COLOR: '1' },
      },
    )
    const engine = new EngineProcess(child, proxy)
    running.push(engine)
    return engine
  }

  get said(): string {
    return this.#said
  }

  /** Writes to anything but Leases and Events. */
  get writes(): string[] {
    return this.#proxy.writes
      .filter(({ path }) => !/\/(?:leases|events)(?:\/|\?|$)/.test(path))
      .map(({ method, path }) => `${method} ${path.split('?')[0]}`)
  }

  async leads(): Promise<void> {
    await until(
      () => this.#said.includes('LeaderElected'),
      () => this.#said,
    )
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  async end(): Promise<void> {
    const ended = new Promise(resolve => this.#child.once('close', resolve))
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGCONT')
      this.#child.kill('SIGKILL')
      await ended
    }
    await this.#proxy.close()
  }
}

async function until(predicate: () => boolean | Promise<boolean>, explain: () => string): Promise<void> {
  for (let tries = 0; tries < 1500; tries++) {
    if (await predicate()) return
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  throw new Error(`it did not come to that: ${explain()}`)
}

test('shards share the work: each object is written by the engine that it belongs to, and by no other', async () => {
  const lease = ['--leader-election-lease-duration', '5m', '--leader-election-retry-period', '500ms']
  const even = await EngineProcess.start('even', '--watch-label-selector', 'sharding.fluxcd.io/key=even', ...lease)
  const odd = await EngineProcess.start('odd', '--watch-label-selector', 'sharding.fluxcd.io/key=odd', ...lease)
  const rest = await EngineProcess.start('rest', '--watch-label-selector', '!sharding.fluxcd.io/key', ...lease)
  await Promise.all([even.leads(), odd.leads(), rest.leads()])
  const spare = await EngineProcess.start('spare', '--watch-label-selector', 'sharding.fluxcd.io/key=odd', ...lease)
  // The source has no key: the engine of the rest follows it, and all build from it.
  await world.source({ interval: '1s' })
  for (const name of names) await world.kustomization(name, {}, { labels: { 'sharding.fluxcd.io/key': shardOf(name) } })
  await Promise.all(names.map(name => world.until('Kustomization', name, isReady, { ms: 30_000 })))
  const commit = await world.commit(
    Object.fromEntries(names.map(name => [`${name}/a.yaml`, configMap(name, { a: '2' })])),
  )
  await Promise.all(
    names.map(name =>
      world.until('Kustomization', name, object => isReady(object) && appliedBy(object) === commit, { ms: 30_000 }),
    ),
  )

  const touched = (engine: EngineProcess) =>
    new Set(engine.writes.map(write => /(app-\d|gitrepositories\/fleet)/.exec(write)?.[1] ?? write))
  expect([...touched(even)].sort()).toEqual(names.filter(name => shardOf(name) === 'even'))
  expect([...touched(odd)].sort()).toEqual(names.filter(name => shardOf(name) === 'odd'))
  expect([...touched(rest)]).toEqual(['gitrepositories/fleet'])
  expect(spare.writes).toEqual([])

  // A leader that is asked to end gives its lease back: the spare one acts long before the lease would run out.
  odd.signal('SIGTERM')
  await spare.leads()
  const next = await world.commit(
    Object.fromEntries(names.map(name => [`${name}/a.yaml`, configMap(name, { a: '3' })])),
  )
  await Promise.all(
    names.map(name =>
      world.until('Kustomization', name, object => isReady(object) && appliedBy(object) === next, { ms: 30_000 }),
    ),
  )
  expect([...touched(spare)].sort()).toEqual(names.filter(name => shardOf(name) === 'odd'))

  // An object whose label changes goes over to the other engine.
  const mine = (engine: EngineProcess) => engine.writes.filter(write => write.includes('app-0')).length
  await world.kustomization('app-0', {}, { labels: { 'sharding.fluxcd.io/key': 'odd' } })
  const before = mine(even)
  const moved = await world.commit({ 'app-0/a.yaml': configMap('app-0', { a: '4' }) })
  await world.until('Kustomization', 'app-0', object => isReady(object) && appliedBy(object) === moved, { ms: 30_000 })
  expect(mine(spare)).toBeGreaterThan(0)
  expect(mine(even)).toBe(before)
})

test('a leader that was stopped while another took over writes nothing when it goes on', async () => {
  const lease = ['--leader-election-lease-duration', '3s', '--leader-election-retry-period', '300ms']
  const first = await EngineProcess.start('first', ...lease)
  await first.leads()
  const commit = await world.commit({ 'app-0/a.yaml': configMap('app-0', { a: 'first' }) })
  await world.until('Kustomization', 'app-0', object => appliedBy(object) === commit && isReady(object), { ms: 30_000 })
  const second = await EngineProcess.start('second', ...lease)
  // In the middle of work: a new revision for all is on its way.
  await world.commit(Object.fromEntries(names.map(name => [`${name}/a.yaml`, configMap(name, { a: 'during' })])))
  first.signal('SIGSTOP')
  await second.leads()
  const before = first.writes.length
  const last = await world.commit(
    Object.fromEntries(names.map(name => [`${name}/a.yaml`, configMap(name, { a: 'second' })])),
  )
  first.signal('SIGCONT')
  await Promise.all(
    names.map(name =>
      world.until('Kustomization', name, object => appliedBy(object) === last && isReady(object), { ms: 30_000 }),
    ),
  )
  await until(
    () => first.said.includes('LeaderLost'),
    () => first.said,
  )
  expect(first.writes.slice(before)).toEqual([])
  expect(second.writes.length).toBeGreaterThan(0)
})

function isReady(object: Awaited<ReturnType<World['find']>>): boolean {
  const { conditions = [] } = (object?.['status'] ?? {}) as { conditions?: { type: string; status: string }[] }
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
}

function appliedBy(object: Awaited<ReturnType<World['find']>>): string | undefined {
  const status = object?.['status'] as { lastAppliedRevision?: string } | undefined
  return status?.lastAppliedRevision?.split(':').at(-1)
}

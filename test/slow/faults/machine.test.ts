import { execFile, spawn } from 'node:child_process'
import { lstat, readdir, readFile, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { configMap, messageOf, World } from '../../../src/engine/testing/world.ts'
import { conditionOf } from '../../../src/kube/condition.ts'
import { startCluster } from '../../../src/sandbox/cluster/start.ts'
import { startForge } from '../../../src/sandbox/forge/index.ts'
import { bundleEngine, EngineProcess } from './harness/engine-process.ts'
import { Survivals } from './harness/survivals.ts'

// What the machine does to the engine: files that are damaged, no room, no inodes, no descriptors, little memory, no names,
// and an end that is asked for. Rows F3, F23, F24, F27, F30, F32.
const survivals = new Survivals('The machine')
const run = promisify(execFile)
const main = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url))
let world: World
let program: string
let engine: EngineProcess | undefined
let round = 0
let uid: string | undefined

beforeAll(async () => {
  world = await World.open({ startCluster, startForge }, { 'app/a.yaml': configMap('a') })
  program = await bundleEngine()
  await world.source({ timeout: '10s' })
  await world.kustomization('app', { retryInterval: '1s' })
})
afterEach(async () => {
  await engine?.kill()
  engine = undefined
})
afterAll(() => world.close())

const start = (name: string, options: { prelude?: string; env?: Record<string, string> } = {}) =>
  new EngineProcess(program, {
    kubeconfig: join(world.dir, 'kubeconfig'),
    dataDir: join(world.dir, name),
    leaseSeconds: 1,
    ...options,
  })
const change = (more: Record<string, string> = {}) =>
  world.commit({ 'app/a.yaml': configMap('a', { round: String(++round) }), ...more })

/** A commit is applied to the very object of the beginning. */
async function expectWell(commit: string): Promise<void> {
  await world.until(
    'Kustomization',
    'app',
    object => {
      engine?.order({ do: 'push', url: world.url })
      return conditionOf(object, 'Ready')?.message === `Applied revision: main@sha1:${commit}`
    },
    { ms: 30_000 },
  )
  const object = await world.find('ConfigMap', 'a')
  uid ??= object?.metadata.uid
  expect(object?.metadata.uid).toBe(uid)
}

async function filesIn(folder: string): Promise<string[]> {
  const found: string[] = []
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) found.push(join(entry.parentPath, entry.name))
  }
  return found.sort()
}

test('its files are not what was written: power was lost, or a disk is bad', async () => {
  engine = start('data')
  expect(await engine.started).toBe(true)
  await expectWell(await change())
  await engine.kill()
  const damages: Record<string, (bytes: Buffer) => Buffer> = {
    empty: () => Buffer.alloc(0),
    half: bytes => bytes.subarray(0, bytes.length >> 1),
    // JSON that a later version might have written.
    'another version': bytes => (bytes[0] === 0x7b ? Buffer.from('{"version":99,"kustomizations":7}') : bytes),
    zeros: bytes => Buffer.alloc(bytes.length),
    garbage: bytes => bytes.map((byte, at) => (at % 3 === 0 ? byte ^ 0x55 : byte)) as Buffer,
  }
  await survivals.row(
    'F3, F32 every file of the engine is damaged, F29 or of another version',
    Object.entries(damages),
    async ([name, damage]) => {
      for (const file of await filesIn(join(world.dir, 'data'))) {
        if ((await lstat(file)).mode & 0o200 || process.getuid?.() === 0)
          await writeFile(file, damage(await readFile(file)))
      }
      engine = start('data')
      expect(await engine.started, name).toBe(true)
      await expectWell(await change())
      await engine.kill()
    },
  )
})

const canMount = await run('unshare', ['-Urm', 'mount', '-t', 'tmpfs', 'none', '/mnt']).then(
  () => true,
  () => false,
)

test.skipIf(!canMount)('there is no room, no inode is left, nothing may be written; then it may again', async () => {
  const limits: Record<string, [limit: string, free: string]> = {
    'no room': ['size=16k,mode=700', 'size=64m'],
    'no inodes': ['nr_inodes=12,mode=700', 'nr_inodes=100000'],
    'read-only': ['ro', 'rw'],
  }
  await survivals.row(
    'F22, F23 disk full, no inodes, read-only; then well again',
    Object.entries(limits),
    async ([name, [limit, free]]) => {
      const folder = join(world.dir, name.replace(' ', '-'))
      const prelude = `mkdir -p ${folder} && mount -t tmpfs -o ${limit} none ${folder}`
      const remount = (how: string) =>
        run('nsenter', [
          '--preserve-credentials',
          '-U',
          '-m',
          '-t',
          String(engine!.pid),
          'mount',
          '-o',
          `remount,${how}`,
          folder,
        ])
      engine = start(name.replace(' ', '-'), { prelude })
      await engine.started
      const commit = await change()
      engine.order({ do: 'push', url: world.url })
      await new Promise(resolve => setTimeout(resolve, 1500))
      expect((await world.find('ConfigMap', 'a'))?.metadata.uid).toBe(uid)
      if (engine.alive) await remount(free)
      else engine = start(`${name.replace(' ', '-')}-again`)
      await expectWell(commit)
      await engine.kill()
    },
  )
})

test('it may open few files, or take little memory', async () => {
  await survivals.row('F23 few descriptors', [24], async count => {
    engine = start(`fd-${count}`, { prelude: `ulimit -n ${count}` })
    const commit = await change()
    if (await engine.started) engine.order({ do: 'push', url: world.url })
    await new Promise(resolve => setTimeout(resolve, 1500))
    expect((await world.find('ConfigMap', 'a'))?.metadata.uid).toBe(uid)
    await engine.kill()
    engine = start(`fd-${count}`)
    await engine.started
    await expectWell(commit)
    await engine.kill()
  })
  await world.kustomization('big', { retryInterval: '1h' })
  const big = {
    '100,000 documents': `${configMap('many')}\n---\n`.repeat(100_000),
  }
  await survivals.row(
    'F24 input too large for 192 MB of heap is refused',
    Object.entries(big),
    async ([name, text]) => {
      engine = start('little', { env: { NODE_OPTIONS: '--max-old-space-size=192' } })
      expect(await engine.started).toBe(true)
      const commit = await change({ 'big/a.yaml': text })
      await expectWell(commit).catch(error => {
        throw new Error(`${engine?.alive ? 'alive' : 'ended'}: ${engine?.said}`, { cause: error })
      })
      const failed = await world.until(
        'Kustomization',
        'big',
        object => {
          const ready = conditionOf(object, 'Ready')
          return (
            ready?.status === 'False' &&
            JSON.stringify(object?.['status']).includes(`"lastAttemptedRevision":"main@sha1:${commit}"`)
          )
        },
        { ms: 30_000 },
      )
      expect(messageOf(failed), name).not.toBe('')
      expect(engine.alive, engine.said).toBe(true)
      await engine.kill()
    },
  )
  const group = 'kustomize.toolkit.fluxcd.io'
  await world.client.delete({ group, version: 'v1', kind: 'Kustomization', namespace: 'apps', name: 'big' })
  await world.commit({ 'big/a.yaml': undefined })
})

test('names do not resolve, or there is only IPv6', async () => {
  await world.start({ dataDir: join(world.dir, 'inside') })
  await survivals.row('F27 a name that does not resolve is said, the others go on', ['https', 'ssh'], async scheme => {
    const url = `${scheme}://git@nowhere.invalid/a/b.git`
    await world.source(
      { url, timeout: '5s', ...(scheme === 'ssh' ? {} : { url: url.replace('git@', '') }) },
      `dns-${scheme}`,
    )
    const failed = await world.until(
      'GitRepository',
      `dns-${scheme}`,
      object => conditionOf(object, 'Ready')?.status === 'False',
    )
    expect(messageOf(failed)).toMatch(scheme === 'ssh' ? /secretRef|ssh|known_hosts/i : /nowhere\.invalid/)
    await world.ready('app', await change())
  })
  const forge = new URL(world.url)
  const server = createServer(client => {
    const host = connect(Number(forge.port), forge.hostname)
    client.pipe(host).pipe(client)
    for (const one of [client, host]) one.on('error', () => one.destroy())
  })
  const port = await new Promise<number | undefined>(resolve => {
    server.once('error', () => resolve(undefined))
    server.listen(0, '::1', () => resolve((server.address() as { port: number }).port))
  })
  await survivals.row('F27 a Git host that has an IPv6 address alone', port === undefined ? [] : [port], async at => {
    await world.source({ url: `http://[::1]:${at}${forge.pathname}` }, 'six')
    await world.until('GitRepository', 'six', object => conditionOf(object, 'Ready')?.status === 'True')
  })
  server.close()
  await world.stop()
})

test('it is asked to end', async () => {
  await survivals.row(
    'F30 SIGTERM, SIGINT: at work and at rest; exit code 0, the lease given back',
    ['SIGINT', 'SIGTERM at work'],
    async how => {
      const child = spawn(
        process.execPath,
        [
          main,
          'engine',
          '--kubeconfig',
          join(world.dir, 'kubeconfig'),
          '--data',
          join(world.dir, 'ended'),
          '--default-service-account',
          '',
        ],
        { stdio: 'ignore', env: { PATH: process.env['PATH'] ?? '', HOME: world.dir } },
      )
      const ended = new Promise<number | null>(resolve => child.once('exit', resolve))
      await world.until(
        'Lease',
        'sluice-engine',
        lease => JSON.stringify(lease?.['spec'] ?? '').includes('Seconds":15'),
        {
          namespace: 'kube-system',
          ms: 20_000,
        },
      )
      const commit = await change()
      if (how === 'SIGTERM at work') await world.source({ suspend: false, timeout: '11s' })
      child.kill(how === 'SIGINT' ? 'SIGINT' : 'SIGTERM')
      // By itself, and not by the signal: code 0 comes after the work was ended and the lease given back.
      expect(await ended).toBe(0)
      const lease = await world.find('Lease', 'sluice-engine', 'kube-system')
      expect(JSON.stringify(lease?.['spec'])).not.toMatch(/"holderIdentity":"[^"]/)
      engine = start('after')
      await engine.started
      await expectWell(commit)
      await engine.kill()
    },
  )
})

import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../base/clock.ts'
import { fingerprintOf } from '../credentials/fingerprint.ts'
import { credentialHost } from '../credentials/host.ts'
import { secretText, syncSecret, syncSecretData } from '../credentials/sync-secret.ts'
import { type Engine, type EngineEvent, startEngine } from '../engine/index.ts'
import { createForge } from '../forges/index.ts'
import { makeSshKey } from '../git/make-key.ts'
import { hasSshd, type Sshd, startSshd } from '../git/testing/sshd.ts'
import { createKubeClient, loadKubeConfig } from '../kube/client/index.ts'
import type { KubeClient } from '../kube/client/types.ts'
import { conditionOf } from '../kube/condition.ts'
import type { KubeObject } from '../kube/object.ts'
import { type SandboxForge, startForge } from '../sandbox/forge/index.ts'
import { type SandboxCluster, startCluster } from '../sandbox/index.ts'
import { expiresAnnotation } from '../secrets/expiry.ts'
import type { Secret } from '../secrets/secret.ts'
import { SecretStore } from '../secrets/store.ts'
import { fluxKinds } from '../specs/index.ts'
import { proveToken } from './prove-token.ts'
import { type DeployKeyRotation, rotateDeployKey } from './rotate-deploy-key.ts'
import { applyRotation, awaitRotation, planRotation, type RotateEffect, type TokenRotation } from './rotate-token.ts'

let dir: string
let cluster: SandboxCluster
let forge: SandboxForge
let client: KubeClient
let engine: Engine
let store: SecretStore
let host: string
const events: EngineEvent[] = []
const signal = new AbortController().signal
const namespace = 'flux-system'

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sluice-rotate-'))
  const kubeconfigPath = join(dir, 'kubeconfig')
  cluster = await startCluster({ kubeconfigPath, dataDir: join(dir, 'cluster') })
  forge = await startForge({ dataDir: join(dir, 'forge') })
  client = createKubeClient(await loadKubeConfig({ path: kubeconfigPath, env: {} }), { userAgent: 'test' })
  host = credentialHost(forge.url)
  for (const kind of fluxKinds) await client.apply(kind.crd(), { fieldManager: 'test' })
  client.invalidateDiscovery()
  await client.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, { fieldManager: 'test' })
  forge.admin.createUser({ login: 'octo' })
  await forge.admin.createRepository({ owner: 'octo', name: 'fleet', private: true })
  await commit()
  store = new SecretStore({ path: join(dir, 'credentials/store.json'), keyFile: join(dir, 'key') })
  engine = await startEngine({
    client,
    dataDir: join(dir, 'engine'),
    clock: systemClock,
    onEvent: event => events.push(event),
  })
  await engine.ready
})
afterAll(async () => {
  await engine.close()
  await client.close()
  await forge.close()
  await cluster.close()
  await rm(dir, { recursive: true, force: true })
})

const newToken = (options: { expiresAt?: Date; scopes?: string[] } = {}) =>
  forge.admin.createToken({ user: 'octo', kind: 'classic', scopes: ['repo'], ...options })

async function commit(): Promise<void> {
  const work = join(dir, 'work')
  await mkdir(work)
  await writeFile(join(work, 'a.txt'), '1')
  const push = new URL(`${forge.url}/octo/fleet.git`)
  push.username = 'octo'
  push.password = newToken().reveal()
  const git = (...args: string[]) =>
    promisify(execFile)('git', ['-C', work, '-c', 'user.name=t', '-c', 'user.email=t@x', ...args], { timeout: 20_000 })
  await git('init', '-q', '-b', 'main')
  await git('add', '-A')
  await git('commit', '-q', '-m', 'one')
  await git('push', '-q', push.href, 'main')
}

const secretRef = (name: string) => ({ group: '', version: 'v1', kind: 'Secret', namespace, name })
const sourceRef = (name: string) => ({
  group: 'source.toolkit.fluxcd.io',
  version: 'v1',
  kind: 'GitRepository',
  namespace,
  name,
})

async function source(name: string, url: string, secret: KubeObject): Promise<void> {
  await client.apply(secret, { fieldManager: 'flux', force: true })
  const spec = { interval: '1h', url, ref: { branch: 'main' }, secretRef: { name: secret.metadata.name } }
  const object = {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'GitRepository',
    metadata: { name, namespace },
    spec,
  }
  await client.apply(object, { fieldManager: 'flux', force: true })
}

async function ready(name: string): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (conditionOf(await client.find(sourceRef(name)), 'Ready')?.status === 'True') return
    await new Promise(resolve => setTimeout(resolve, 25))
  }
  throw new Error(`${name} is not Ready: ${JSON.stringify((await client.find(sourceRef(name)))?.['status'])}`)
}

const tokenSecret = (name: string, token: Secret, expires?: string) =>
  syncSecret(name, namespace, syncSecretData({ kind: 'basic', username: 'git', password: token }), expires)
const open = (token: Secret) => createForge({ kind: 'github', host: forge.url, token, userAgent: 'test' })

/** Ends the run right before, or right after, the nth effect. */
function killer(nth: number): { effect: RotateEffect; names: string[] } {
  const names: string[] = []
  let count = 0
  const effect: RotateEffect = async (name, work) => {
    if (count++ === nth) throw new Error('killed')
    names.push(name)
    const result = await work()
    if (count++ === nth) throw new Error('killed')
    return result
  }
  return { effect, names }
}

describe('a token that is replaced', () => {
  let old: Secret
  let next: Secret
  let envFile: string
  const rotation = (options: Partial<TokenRotation> = {}): TokenRotation => ({
    host,
    old: [old],
    next,
    client,
    store,
    envFiles: [envFile],
    dataDir: dir,
    clock: systemClock,
    signal,
    ...options,
  })
  const run = async (options: Partial<TokenRotation> = {}) => {
    const asked = rotation(options)
    const targets = await planRotation(asked)
    const [one, two] = [open(asked.next), asked.old[0] ? open(asked.old[0]) : undefined]
    try {
      const { identity } = await proveToken({ next: one, ...(two && { old: two }), targets, signal })
      await applyRotation(asked, targets, identity)
      return await awaitRotation(asked, targets, { timeoutMs: 20_000 })
    } finally {
      await one.close()
      await two?.close()
    }
  }
  const held = async () => ({
    secret: secretText(await client.get(secretRef('sync')), 'password'),
    other: secretText(await client.get(secretRef('other')), 'password'),
    env: await readFile(envFile, 'utf8'),
    store: (await store.open('mine')).value.secret.reveal(),
  })

  beforeEach(async () => {
    old = newToken()
    next = newToken({ expiresAt: new Date(Date.now() + 90 * 86_400_000) })
    envFile = join(dir, 'github.env')
    await writeFile(envFile, `# mine\nGITHUB_TOKEN="${old.reveal()}" # that one\nA=1\n`, { mode: 0o600 })
    const meta = { name: 'mine', kind: 'token', host, fingerprint: fingerprintOf('token', old), added: 'x' } as const
    await store.put(meta, { secret: old }, { replace: true })
    await source('sync', `${forge.url}/octo/fleet.git`, tokenSecret('sync', old))
    await source('other', `${forge.url}/octo/fleet.git`, tokenSecret('other', newToken()))
    await ready('sync')
  })

  it('is replaced in the store, the env file and the Secrets that hold it, and nowhere else', async () => {
    const before = await held()
    const { ready: sources } = await run()
    expect(sources.map(one => one.name)).toEqual(['sync'])
    expect(await held()).toEqual({
      secret: next.reveal(),
      other: before.other,
      env: `# mine\nGITHUB_TOKEN="${next.reveal()}" # that one\nA=1\n`,
      store: next.reveal(),
    })
    const [meta] = await store.list()
    expect(meta).toMatchObject({
      owner: 'octo',
      fingerprint: fingerprintOf('token', next),
      expires: expect.any(String),
    })
    expect((await client.get(secretRef('sync'))).metadata.annotations?.[expiresAnnotation]).toBe(meta!.expires)
    expect((await readdir(join(dir, 'credentials'))).filter(name => name.startsWith('rotation'))).toEqual([])
  })

  it.each([
    ['was revoked', () => forge.admin.revokeToken(next)],
    [
      'may not write',
      () => {
        next = newToken({ scopes: ['read:org'] })
      },
    ],
  ])('stays everywhere when the new one %s', async (_, spoil) => {
    const before = await held()
    spoil()
    await expect(run()).rejects.toMatchObject({ exitCode: 4 })
    expect(await held()).toEqual(before)
  })

  it('is replaced all the same when the run is ended before or after any write and started again', async () => {
    for (let nth = 0; ; nth++) {
      old = newToken()
      next = newToken()
      await writeFile(envFile, `GITHUB_TOKEN=${old.reveal()}\n`)
      const meta = { name: 'mine', kind: 'token', host, fingerprint: fingerprintOf('token', old), added: 'x' } as const
      await store.put(meta, { secret: old }, { replace: true })
      await client.apply(tokenSecret('sync', old), { fieldManager: 'flux', force: true })
      const { effect, names } = killer(nth)
      const ended = await run({ effect }).then(
        () => false,
        error => error.message === 'killed',
      )
      // What a command finds by itself: the store may hold the new one already.
      const found = (await store.open('mine')).value.secret
      await run({ old: found.reveal() === next.reveal() ? [] : [found] })
      expect(await held()).toMatchObject({
        secret: next.reveal(),
        env: `GITHUB_TOKEN=${next.reveal()}\n`,
        store: next.reveal(),
      })
      if (ended) continue
      expect(names).toEqual(['rotate.journal', 'rotate.secret', 'rotate.env', 'rotate.store'])
      break
    }
  })

  it('that nothing holds is said to be so', async () => {
    await expect(planRotation(rotation({ old: [newToken()], next: newToken() }))).rejects.toMatchObject({
      code: 'E_ROTATE_NOTHING',
    })
  })
})

describe('the end of a credential', () => {
  it('is told once by a warning event on the source, also after a restart of the engine', async () => {
    const soon = new Date(Date.now() + 5 * 86_400_000).toISOString()
    await source('ending', `${forge.url}/octo/fleet.git`, tokenSecret('ending', newToken(), soon))
    await ready('ending')
    const told = () => events.filter(event => event.about.name === 'ending' && event.reason.startsWith('Credential'))
    expect(told()).toMatchObject([{ severity: 'error', reason: 'CredentialExpiring' }])
    expect(told()[0]!.message).toContain(`ends on ${soon.slice(0, 10)}`)
    await engine.close()
    engine = await startEngine({
      client,
      dataDir: join(dir, 'engine'),
      clock: systemClock,
      onEvent: event => events.push(event),
    })
    await engine.ready
    await client.patch(
      sourceRef('ending'),
      'merge',
      { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': 'now' } } },
      { fieldManager: 'test' },
    )
    for (let tries = 0; tries < 400; tries++) {
      const status = (await client.get(sourceRef('ending')))['status'] as { lastHandledReconcileAt?: string }
      if (status.lastHandledReconcileAt === 'now') break
      await new Promise(resolve => setTimeout(resolve, 25))
    }
    expect(told()).toHaveLength(1)
    const { items } = await client.list({ group: '', version: 'v1', kind: 'Event' }, { namespace })
    const written = items.filter(event => event['reason'] === 'CredentialExpiring')
    expect(written).toMatchObject([{ type: 'Warning', involvedObject: { kind: 'GitRepository', name: 'ending' } }])
  })
})

describe.skipIf(!hasSshd)('a deploy key that is replaced', () => {
  let server: Sshd
  let opened: ReturnType<typeof open>

  beforeAll(async () => {
    const [folder] = await readdir(join(dir, 'forge', 'repositories'))
    server = await startSshd(dir, { repositories: { '/octo/fleet': join(dir, 'forge', 'repositories', folder!) } })
    opened = open(newToken())
  })
  afterAll(async () => {
    await opened.close()
    await server.close()
  })

  /** The server lets in exactly the keys that the host has. */
  const syncKeys = async () => server.authorize((await opened.deployKeys('octo', 'fleet')).map(one => one.key))
  const rotation = (effect: RotateEffect): DeployKeyRotation => ({
    forge: opened,
    client,
    namespace,
    secret: 'keyed',
    title: 'sluice test: x',
    readOnly: true,
    clock: systemClock,
    signal,
    timeoutMs: 20_000,
    effect: (name, work) =>
      effect(name, async () => {
        const result = await work()
        await syncKeys()
        return result
      }),
  })

  it('has one key on the host and one in the cluster in the end, wherever the run was ended', async () => {
    const first = await makeSshKey()
    const title = 'sluice mgmt: flux-system-main-clusters/mgmt 12345678'
    await opened.addDeployKey('octo', 'fleet', {
      title,
      key: `${first.publicKey.type} ${first.publicKey.body}`,
      readOnly: true,
    })
    await opened.addDeployKey('octo', 'fleet', {
      title: 'of somebody else',
      key: await makeSshKey().then(({ publicKey }) => `${publicKey.type} ${publicKey.body}`),
      readOnly: true,
    })
    await syncKeys()
    const auth = { kind: 'ssh', privateKey: first.privateKey, knownHosts: server.knownHosts } as const
    const url = `ssh://${server.user}@127.0.0.1:${server.port}/octo/fleet`
    await source('keyed', url, syncSecret('keyed', namespace, syncSecretData(auth, undefined, first.publicKey)))
    await ready('keyed')
    for (let nth = 0; ; nth++) {
      const before = secretText(await client.get(secretRef('keyed')), 'identity.pub')
      const { effect, names } = killer(nth)
      const ended = await rotateDeployKey(rotation(effect)).then(
        () => false,
        error => {
          if (error.message !== 'killed') throw error
          return true
        },
      )
      if (ended) await rotateDeployKey(rotation((_, work) => work()))
      const secret = await client.get(secretRef('keyed'))
      const now = secretText(secret, 'identity.pub')!
      expect(now).not.toBe(before)
      const there = await opened.deployKeys('octo', 'fleet')
      expect(there.map(one => one.key).filter(key => now.startsWith(key))).toHaveLength(1)
      expect(there.map(one => one.title.replace(/ \S{8}$/, '')).sort()).toEqual([
        'of somebody else',
        'sluice mgmt: flux-system-main-clusters/mgmt',
      ])
      expect(await client.find(secretRef('keyed-next'))).toBeUndefined()
      await ready('keyed')
      if (ended) continue
      expect(names).toEqual([
        'rotate.key.make',
        'rotate.key.add',
        'rotate.key.swap',
        'rotate.key.remove',
        'rotate.key.end',
      ])
      break
    }
  })
  it('is not added to a repository of the same name on another host', async () => {
    const elsewhere = createForge({
      kind: 'github',
      host: forge.url.replace('127.0.0.1', 'localhost'),
      token: newToken(),
      userAgent: 'test',
    })
    const before = await opened.deployKeys('octo', 'fleet')
    const run = rotateDeployKey({ ...rotation((_, work) => work()), forge: elsewhere })
    await expect(run).rejects.toMatchObject({ code: 'E_FLEET_OTHER_HOST' })
    expect(await opened.deployKeys('octo', 'fleet')).toEqual(before)
    await elsewhere.close()
  })
})

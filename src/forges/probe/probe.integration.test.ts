import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../base/clock.ts'
import { listRemoteRefs, openMirror, writeFiles } from '../../git/index.ts'
import { type SandboxForge, startForge } from '../../sandbox/forge/index.ts'
import { giteaStandIn, startStandIn } from '../../sandbox/forge/stand-ins/index.ts'
import { Secret } from '../../secrets/secret.ts'
import type { CheckLine } from '../checklist.ts'
import { createForge } from '../create-forge.ts'
import { statuses } from '../testing/diagnose.ts'
import type { Forge, TokenTarget } from '../types.ts'
import { type ProbeOptions, probeForge } from './probe.ts'

let dir: string
let sandbox: SandboxForge
const opened: Forge[] = []
const author = { name: 'Mona', email: 'mona@example.com' }
const leftover = 'acme/fleet-sluice-probe'

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sluice-probe-'))
  sandbox = await startForge({ dataDir: join(dir, 'forge') })
  const { admin } = sandbox
  admin.createUser({ login: 'mona' })
  admin.createUser({ login: 'hubot' })
  admin.createOrganization({ login: 'acme', defaultRepositoryPermission: 'read' })
  admin.addMember('acme', 'mona', 'admin')
  admin.addMember('acme', 'hubot', 'member')
  await admin.createRepository({ owner: 'acme', name: 'full' })
  await write(github(['repo']), 'full')
})

afterAll(async () => {
  for (const forge of opened) await forge.close()
  await sandbox.close()
  await rm(dir, { recursive: true, force: true })
})

afterEach(() => sandbox.behave())

function github(scopes: readonly string[], user = 'mona'): Forge {
  const token = sandbox.admin.createToken({ user, kind: 'classic', scopes })
  const forge = createForge({ kind: 'github', host: `127.0.0.1:${sandbox.port}`, token, userAgent: 't' })
  opened.push(forge)
  return forge
}

async function write(forge: Forge, name: string): Promise<void> {
  const mirror = await openMirror(await mkdtemp(join(dir, 'mirror-')))
  const remote = forge.remote('acme', name)
  await writeFiles({ mirror, remote, branch: 'main', message: 'x', author, changes: [{ path: 'a', content: 'a' }] })
  mirror.close()
}

async function probe(
  forge: Forge,
  target: Partial<TokenTarget> = {},
  options: ProbeOptions = {},
): Promise<CheckLine[]> {
  const lines: CheckLine[] = []
  const whole = { owner: 'acme', personal: false, repository: 'fleet', branch: 'main', ...target }
  for await (const line of probeForge(forge, whole, options)) lines.push(line)
  return lines
}

describe('the probe with a repository of its own', () => {
  const all = ['probe.sweep', 'probe.create', 'probe.clone', 'probe.push', 'probe.read', 'probe.delete']
  const passes = Object.fromEntries(all.map(id => [id, 'pass']))

  it('makes one, pushes, reads back and removes it, on GitHub and on GitLab', async () => {
    const forge = github(['repo', 'delete_repo'])
    expect(statuses(await probe(forge))).toEqual(passes)
    const token = sandbox.admin.createGitLabToken({ user: 'mona', scopes: ['api'] })
    const gitlab = createForge({ kind: 'gitlab', host: `127.0.0.1:${sandbox.port}`, token, userAgent: 't' })
    opened.push(gitlab)
    expect(statuses(await probe(gitlab))).toEqual(passes)
    expect(await forge.repository('acme', 'fleet-sluice-probe')).toBeUndefined()
  })

  it('names what it cannot remove, and the next one removes it', async () => {
    const lines = await probe(github(['repo']))
    expect(lines.at(-1)).toMatchObject({
      id: 'probe.delete',
      status: 'warn',
      detail: expect.stringContaining(`${leftover} is left`),
      fix: expect.stringContaining(leftover),
    })
    const next = await probe(github(['repo', 'delete_repo']))
    expect(next[0]).toMatchObject({ status: 'pass', detail: `${leftover} was left by an earlier probe and is removed` })
    expect(statuses(next)).toEqual(passes)
  })

  it('stops at the first failure with the words of the host, and still removes what it made', async () => {
    sandbox.misbehave({ match: 'service=git-receive-pack', status: 403, body: 'Pushing is forbidden today.' })
    const forge = github(['repo', 'delete_repo'])
    const lines = await probe(forge)
    expect(statuses(lines)).toEqual({ ...passes, 'probe.push': 'fail', 'probe.read': 'not-run' })
    const failed = lines.find(line => line.status === 'fail')!
    expect(failed).toMatchObject({ code: 'E_GIT_FORBIDDEN', hostSaid: expect.stringContaining('403') })
    expect(failed.fix).toBeTruthy()
    expect(await forge.repository('acme', 'fleet-sluice-probe')).toBeUndefined()
  })

  it('shows one failure for one cause when nothing can be made', async () => {
    const lines = await probe(github(['read:org']))
    expect(lines.map(({ id, status }) => `${id} ${status}`)).toEqual([
      'probe.sweep pass',
      'probe.create fail',
      ...all.slice(2).map(id => `${id} not-run`),
    ])
  })

  it('never touches a repository of its name that is not a probe', async () => {
    const forge = github(['repo', 'delete_repo'])
    await sandbox.admin.createRepository({ owner: 'acme', name: 'mine-sluice-probe' })
    await write(forge, 'mine-sluice-probe')
    const [first] = await probe(forge, { repository: 'mine' })
    expect(first).toMatchObject({ id: 'probe.sweep', status: 'fail', code: 'E_FORGE_REPOSITORY_EXISTS' })
    expect(await forge.repository('acme', 'mine-sluice-probe')).toMatchObject({ empty: false })
  })
})

describe('the probe with a branch of its own', () => {
  it('leaves the repository as it was', async () => {
    const forge = github(['repo'])
    const before = await listRemoteRefs(forge.remote('acme', 'full'))
    expect(statuses(await probe(forge, { repository: 'full' }))).toEqual({
      'probe.clone': 'pass',
      'probe.sweep': 'pass',
      'probe.push': 'pass',
      'probe.read': 'pass',
      'probe.delete': 'pass',
    })
    expect(await listRemoteRefs(forge.remote('acme', 'full'))).toEqual(before)
  })

  it('removes the branches that killed probes left, and no younger ones', async () => {
    const forge = github(['repo'])
    const before = await listRemoteRefs(forge.remote('acme', 'full'))
    // A probe that is killed after its push.
    for await (const line of probeForge(forge, {
      owner: 'acme',
      personal: false,
      repository: 'full',
      branch: 'main',
    })) {
      if (line.id === 'probe.push') break
    }
    expect((await listRemoteRefs(forge.remote('acme', 'full'))).size).toBe(before.size + 1)
    const now = await probe(forge, { repository: 'full' })
    expect(now.find(line => line.id === 'probe.sweep')).toMatchObject({ detail: 'nothing is left' })
    const clock = { ...systemClock, now: () => new Date(Date.now() + 3_600_000) }
    const later = await probe(forge, { repository: 'full' }, { clock })
    expect(later.find(line => line.id === 'probe.sweep')!.detail).toMatch(
      /^removed what earlier probes left: sluice-probe\//,
    )
    expect(await listRemoteRefs(forge.remote('acme', 'full'))).toEqual(before)
  })

  it('tells that an account may only read', async () => {
    const lines = await probe(github(['repo'], 'hubot'), { repository: 'full' })
    expect(lines.find(line => line.status === 'fail')).toMatchObject({ id: 'probe.push', code: 'E_GIT_FORBIDDEN' })
  })

  it('works on a server that speaks Git alone', async () => {
    const host = await startStandIn(giteaStandIn, join(dir, 'plain'))
    host.model.addToken('a-long-password', { user: 'mona', scopes: ['all'] })
    host.model.addGroup('acme', { mona: 'owner' })
    await host.model.addRepository('acme', 'fleet')
    const forge = createForge({ kind: 'git', url: `${host.url}/acme/fleet.git`, token: Secret.of('a-long-password') })
    // Empty: its first branch would become the default branch, so nothing is pushed.
    expect(statuses(await probe(forge))).toEqual({ 'probe.clone': 'warn', 'probe.sweep': 'pass' })
    expect((await listRemoteRefs(forge.remote('acme', 'fleet'))).size).toBe(0)
    const mirror = await openMirror(join(dir, 'plain-mirror'))
    const changes = [{ path: 'a', content: 'a' }]
    await writeFiles({ mirror, remote: forge.remote('acme', 'fleet'), branch: 'main', message: 'x', author, changes })
    mirror.close()
    expect(Object.values(statuses(await probe(forge))).every(status => status === 'pass')).toBe(true)
    await host.close()
  })
})

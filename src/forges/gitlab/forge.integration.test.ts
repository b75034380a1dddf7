import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { listRemoteRefs, openMirror, writeFiles } from '../../git/index.ts'
import { type CreateGitLabToken, type SandboxForge, startForge } from '../../sandbox/forge/index.ts'
import { Secret } from '../../secrets/secret.ts'
import { diagnose, firstFailure, statuses } from '../testing/diagnose.ts'
import { GitLabForge } from './forge.ts'

let dir: string
let sandbox: SandboxForge
const opened: GitLabForge[] = []
const author = { name: 'Mona', email: 'mona@example.com' }

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sluice-gitlab-'))
  sandbox = await startForge({ dataDir: join(dir, 'forge') })
  const { admin } = sandbox
  admin.createUser({ login: 'mona', name: 'Mona' })
  admin.createUser({ login: 'hubot' })
  admin.createUser({ login: 'stranger' })
  admin.createOrganization({ login: 'acme', membersCanCreateRepositories: false, defaultRepositoryPermission: 'write' })
  admin.createOrganization({ login: 'acme/platform' })
  admin.addMember('acme', 'mona', 'admin')
  admin.addMember('acme', 'hubot', 'member')
  await admin.createRepository({ owner: 'acme', name: 'full' })
  const mirror = await openMirror(join(dir, 'mirror'))
  const remote = forgeFor({ user: 'mona', scopes: ['api'] }).remote('acme', 'full')
  await writeFiles({ mirror, remote, branch: 'main', message: 'first', author, changes: [{ path: 'a', content: 'a' }] })
  mirror.close()
})

afterAll(async () => {
  for (const forge of opened) await forge.close()
  await sandbox.close()
  await rm(dir, { recursive: true, force: true })
})

afterEach(() => sandbox.behave())

function forgeFor(token: CreateGitLabToken): GitLabForge {
  const forge = new GitLabForge({
    host: `127.0.0.1:${sandbox.port}`,
    token: sandbox.admin.createGitLabToken(token),
    userAgent: 'sluice/test',
  })
  opened.push(forge)
  return forge
}

const api = (user: string) => forgeFor({ user, scopes: ['api'] })

function publicKey(): string {
  const { publicKey: key } = generateKeyPairSync('ed25519')
  const raw = key.export({ format: 'der', type: 'spki' }).subarray(-32)
  const field = (bytes: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes])
  return `ssh-ed25519 ${Buffer.concat([field(Buffer.from('ssh-ed25519')), field(raw)]).toString('base64')}`
}

describe('the GitLab client', () => {
  it('tells who the token belongs to, its scopes, its end and its kind', async () => {
    const expiresAt = new Date(Date.UTC(2099, 0, 31))
    expect(await forgeFor({ user: 'mona', scopes: ['api'], expiresAt }).identify()).toEqual({
      login: 'mona',
      tokenKind: 'personal',
      scopes: ['api'],
      expiresAt: '2099-01-31T00:00:00.000Z',
    })
    expect(await forgeFor({ group: 'acme', scopes: ['api'] }).identify()).toMatchObject({ tokenKind: 'group' })
    expect(await forgeFor({ project: 'acme/full', scopes: ['api'] }).identify()).toMatchObject({ tokenKind: 'project' })
  })

  it('finds a group by path, by id and in another group, with the role inherited', async () => {
    const forge = api('mona')
    const found = await forge.owner('acme/platform')
    expect(found).toMatchObject({ name: 'acme/platform', kind: 'organization', role: 'admin', roleTitle: 'an Owner' })
    expect(await forge.owner(found!.id!)).toEqual(found)
    expect(await forge.owner('acme/nothing')).toBeUndefined()
    expect(await api('stranger').owner('acme')).toBeUndefined()
  })

  it('creates, pushes to, finds and deletes a project in a group within a group', async () => {
    const forge = api('mona')
    const request = { owner: 'acme/platform', personal: false, name: 'fleet', description: 'x', private: true }
    const made = await forge.createRepository(request)
    expect(made).toMatchObject({ owner: 'acme/platform', name: 'fleet', private: true, permissions: { admin: true } })
    await expect(forge.createRepository(request)).rejects.toMatchObject({ code: 'E_FORGE_REPOSITORY_EXISTS' })
    const remote = forge.remote('acme/platform', 'fleet')
    const mirror = await openMirror(join(dir, 'sub'))
    await writeFiles({ mirror, remote, branch: 'main', message: 'x', author, changes: [{ path: 'b', content: 'b' }] })
    mirror.close()
    expect([...(await listRemoteRefs(remote)).keys()]).toContain('refs/heads/main')
    expect(await forge.repository('acme/platform', 'fleet')).toMatchObject({ empty: false, defaultBranch: 'main' })
    await forge.deleteRepository('acme/platform', 'fleet')
    expect(await forge.repository('acme/platform', 'fleet')).toBeUndefined()
  })

  it('works with the id of a group once the host has told its path', async () => {
    const forge = api('mona')
    const id = (await forge.owner('acme'))!.id!
    expect(await forge.repository(id, 'full')).toMatchObject({ owner: 'acme', name: 'full' })
    expect(forge.remote(id, 'full').url).toContain('/acme/full.git')
    expect(() => api('mona').remote(id, 'full')).toThrow(expect.objectContaining({ code: 'E_FORGE_OWNER_NOT_FOUND' }))
  })

  it('manages deploy keys, deploy tokens and webhooks', async () => {
    const forge = api('mona')
    const key = { title: 'flux', key: publicKey(), readOnly: true }
    const made = await forge.addDeployKey('acme', 'full', key)
    expect(made).toMatchObject({ title: 'flux', readOnly: true })
    await expect(forge.addDeployKey('acme', 'full', key)).rejects.toMatchObject({ code: 'E_FORGE_KEY_IN_USE' })
    expect(await forge.deployKeys('acme', 'full')).toEqual([made])
    await forge.removeDeployKey('acme', 'full', made.id)
    await forge.removeDeployKey('acme', 'full', made.id)
    expect(await forge.deployKeys('acme', 'full')).toEqual([])

    const token = await forge.addDeployToken('acme', 'full', { name: 'pull' })
    const { url } = forge.remote('acme', 'full')
    const remote = { url, auth: { kind: 'basic', username: token.username, password: token.token } } as const
    expect((await listRemoteRefs(remote)).size).toBeGreaterThan(0)
    await forge.removeDeployToken('acme', 'full', token.id)
    await expect(listRemoteRefs(remote)).rejects.toMatchObject({ code: 'E_GIT_AUTHENTICATION' })

    const hook = await forge.addWebhook('acme', 'full', {
      url: 'http://127.0.0.1:9/x',
      secret: Secret.of('s3cret-text'),
    })
    expect(await forge.webhooks('acme', 'full')).toEqual([hook])
    await forge.removeWebhook('acme', 'full', hook.id)
    expect(await forge.webhooks('acme', 'full')).toEqual([])
  })

  it('names the scope that the host asks for', async () => {
    const forge = forgeFor({ user: 'mona', scopes: ['read_api'] })
    const request = { owner: 'acme', personal: false, name: 'no', description: '', private: true }
    await expect(forge.createRepository(request)).rejects.toMatchObject({
      code: 'E_TOKEN_SCOPE',
      next: 'GitLab cannot change the scopes of a token: make a new one with the scope api.',
    })
    await expect(api('hubot').createRepository(request)).rejects.toMatchObject({ code: 'E_FORGE_MAY_NOT_CREATE' })
  })
})

describe('the diagnosis of a GitLab token', () => {
  it('passes in every line for a token with the scope api, before the project is there and after', async () => {
    expect(statuses(await diagnose(api('mona')))).toEqual({
      'token.shape': 'pass',
      'token.account': 'pass',
      'token.scopes': 'pass',
      'token.expiry': 'pass',
      owner: 'pass',
      repository: 'pass',
      'repository.create': 'pass',
    })
    const there = await diagnose(api('mona'), { repository: 'full' })
    expect(there.filter(line => line.status !== 'pass')).toEqual([])
    expect(there.map(line => line.id)).toContain('git.push')
  })

  it('passes with warnings for the least rights that push to a project that is there', async () => {
    const forge = forgeFor({ user: 'hubot', scopes: ['read_api', 'write_repository'] })
    expect(statuses(await diagnose(forge, { repository: 'full' }))).toMatchObject({
      'token.scopes': 'warn',
      repository: 'pass',
      'git.push': 'pass',
      'repository.keys': 'warn',
      branch: 'pass',
    })
  })

  it('finds a protected branch, and lets a maintainer pass whom the rule lets push', async () => {
    const protect = async (level: number) => {
      const forge = api('mona')
      const path = '/projects/acme%2Ffull/protected_branches'
      await forge.send('DELETE', `${path}/main`, undefined)
      expect((await forge.send('POST', path, { name: 'main', push_access_level: level })).status).toBe(201)
    }
    await protect(40)
    expect(firstFailure(await diagnose(api('hubot'), { repository: 'full' }))).toMatchObject({
      id: 'branch',
      code: 'E_FORGE_BRANCH_PROTECTED',
      detail: expect.stringContaining('a merge request'),
    })
    expect(firstFailure(await diagnose(api('mona'), { repository: 'full' }))).toBeUndefined()
    await protect(0)
    expect(firstFailure(await diagnose(api('mona'), { repository: 'full' }))).toMatchObject({ id: 'branch' })
  })
})

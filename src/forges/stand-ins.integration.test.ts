import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listRemoteRefs, openMirror, writeFiles } from '../git/index.ts'
import {
  azureDevOpsStandIn,
  bitbucketServerStandIn,
  bitbucketStandIn,
  giteaStandIn,
  type StandIn,
  type StandInKind,
  startStandIn,
} from '../sandbox/forge/stand-ins/index.ts'
import { mergeStandInPull } from '../sandbox/forge/stand-ins/pulls.ts'
import { Secret } from '../secrets/secret.ts'
import { createForge, type Forge, type ForgeKind } from './index.ts'

interface Case {
  readonly kind: Exclude<ForgeKind, 'git' | 'github' | 'gitlab'>
  readonly standIn: StandInKind
  readonly token: string
  readonly scopes: readonly string[]
  readonly owner: string
  readonly path?: string
}

const cases: readonly Case[] = [
  { kind: 'gitea', standIn: giteaStandIn, token: 'a'.repeat(40), scopes: ['all'], owner: 'acme' },
  {
    kind: 'bitbucket',
    standIn: bitbucketStandIn,
    token: `ATCTT${'x'.repeat(40)}`,
    scopes: ['account', 'repository:admin', 'webhook', 'pullrequest:write'],
    owner: 'acme',
  },
  {
    kind: 'bitbucket-server',
    standIn: bitbucketServerStandIn,
    token: 'NjEwNTcyNzQ0ODYyOsrLw3pH',
    scopes: ['PROJECT_ADMIN'],
    owner: 'ACME',
  },
  {
    kind: 'azure-devops',
    standIn: azureDevOpsStandIn,
    token: 'b'.repeat(52),
    scopes: ['vso.code_manage', 'vso.project', 'vso.security_manage'],
    owner: 'Fleet Team',
    path: '/acme',
  },
]

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZsdXgtc3lzdGVtLWtleS1mb3ItdGVzdHMtb25seS0wMDAwMDAw'
const author = { name: 'Mona', email: 'mona@example.com' }

describe.each(cases)('the client of $kind', ({ kind, standIn, token, scopes, owner, path = '' }) => {
  let dir: string
  let server: StandIn
  let forge: Forge

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'sluice-stand-in-'))
    server = await startStandIn(standIn, dir)
    server.model.addToken(token, { user: 'mona', scopes })
    server.model.addGroup(owner, { mona: 'owner' })
    forge = createForge({ kind, host: server.host + path, token: Secret.of(token), userAgent: 'sluice/test' })
  })

  afterAll(async () => {
    await forge.close()
    await server.close()
    await rm(dir, { recursive: true, force: true })
  })

  it('knows its account and the owner', async () => {
    expect(await forge.identify()).toMatchObject({ login: 'mona' })
    expect(await forge.owner(owner)).toMatchObject({ kind: 'organization', mayCreateRepositories: true })
    expect(await forge.owner('nothing')).toBeUndefined()
  })

  it('creates, pushes to, finds and deletes a repository', async () => {
    const request = { owner, personal: false, name: 'fleet', description: 'x', private: true }
    expect(await forge.repository(owner, 'fleet')).toBeUndefined()
    expect(await forge.createRepository(request)).toMatchObject({ owner, name: 'fleet', private: true, empty: true })
    await expect(forge.createRepository(request)).rejects.toMatchObject({ code: 'E_FORGE_REPOSITORY_EXISTS' })
    const remote = forge.remote(owner, 'fleet')
    const mirror = await openMirror(join(dir, 'mirror'))
    await writeFiles({ mirror, remote, branch: 'main', message: 'x', author, changes: [{ path: 'a', content: 'a' }] })
    mirror.close()
    expect([...(await listRemoteRefs(remote)).keys()]).toContain('refs/heads/main')
    const found = await forge.repository(owner, 'fleet')
    expect(found).toMatchObject({ empty: false, defaultBranch: 'main', permissions: { push: true, admin: true } })
    expect(found!.cloneUrl).not.toContain('@')
    await forge.deleteRepository(owner, 'fleet')
    expect(await forge.repository(owner, 'fleet')).toBeUndefined()
    await expect(forge.deleteRepository(owner, 'fleet')).rejects.toMatchObject({ code: 'E_FORGE_REPOSITORY_NOT_FOUND' })
  })

  it('shows no form of the token when the host echoes the header that carries it', async () => {
    const forms = [token, `:${token}`, `mona@example.com:${token}`].flatMap(text => [
      text,
      Buffer.from(text).toString('base64'),
    ])
    const more = kind === 'bitbucket' ? { username: 'mona@example.com' } : {}
    const named = createForge({
      kind,
      host: server.host + path,
      token: Secret.of(token),
      userAgent: 'sluice/test',
      ...more,
    })
    const message = `refused: ${forms.join(' ')}`
    const body = { message, error: { message }, errors: [{ message }] }
    server.misbehave({ status: 403, times: 20, body })
    const failure = await named
      .createRepository({ owner, personal: false, name: 'x', description: '', private: true })
      .then(
        () => undefined,
        (error: unknown) => error as Error,
      )
    server.forget()
    const shown = JSON.stringify(failure) + String(failure) + String(failure?.stack)
    expect(shown).toContain('refused')
    // What this forge never sent in a form, it cannot know to take out.
    const encodings =
      kind === 'bitbucket' ? [forms[0]!, forms[5]!] : kind === 'azure-devops' ? [forms[0]!, forms[3]!] : [forms[0]!]
    for (const form of encodings) expect(shown).not.toContain(form)
    await named.close()
  })

  it('opens, finds, reads and closes requests to merge a branch, one for two branches', async () => {
    await forge.createRepository({ owner, personal: false, name: 'review', description: '', private: true })
    const mirror = await openMirror(join(dir, 'review'))
    const remote = forge.remote(owner, 'review')
    const write = (branch: string, path: string) =>
      writeFiles({ mirror, remote, branch, message: path, author, changes: [{ path, content: path }] })
    await write('main', 'a')
    const { commit } = await write('sluice/scale-"prod"', 'b')
    mirror.close()
    const requests = forge.changeRequests
    const wanted = {
      head: 'sluice/scale-"prod"',
      base: 'main',
      title: 'Scale prod',
      body: 'x'.repeat(requests.maxBody),
    }
    expect(await requests.find(owner, 'review', wanted)).toEqual([])
    const made = await requests.open(owner, 'review', wanted)
    const { body: _, ...shown } = wanted
    expect(made).toMatchObject({ ...shown, state: 'open' })
    expect(commit!.startsWith(made.headCommit!)).toBe(true)
    expect(new URL(made.url).host).toBe(server.host)
    expect(made.url).toContain(made.id)
    // A second one is not made: the open one is the answer.
    expect(await requests.open(owner, 'review', wanted)).toMatchObject({ id: made.id })
    expect(await requests.find(owner, 'review', wanted)).toMatchObject([{ id: made.id, state: 'open' }])
    expect(await requests.find(owner, 'review', { head: 'main', base: 'main' })).toEqual([])
    await requests.close(owner, 'review', made.id)
    await requests.close(owner, 'review', made.id)
    expect(await requests.read(owner, 'review', made.id)).toMatchObject({ id: made.id, state: 'closed' })
    expect(await requests.read(owner, 'review', '99')).toBeUndefined()
    const again = await requests.open(owner, 'review', wanted)
    expect(again.id).not.toBe(made.id)
    const repository = server.model.repository(owner, 'review')!
    await mergeStandInPull(server.model, repository, Number(again.id), 'squash')
    expect(await requests.find(owner, 'review', wanted)).toMatchObject([
      { id: again.id, state: 'merged' },
      { id: made.id, state: 'closed' },
    ])
  })

  it('manages deploy keys and webhooks, or says that the host has none', async () => {
    await forge.createRepository({ owner, personal: false, name: 'keys', description: '', private: true })
    const { deployKeys, webhooks } = forge.capabilities
    const wanted = { title: 'flux', key, readOnly: true }
    if (deployKeys === 'none') {
      await expect(forge.addDeployKey(owner, 'keys', wanted)).rejects.toMatchObject({ code: 'E_FORGE_NOT_SUPPORTED' })
      await expect(forge.removeDeployKey(owner, 'keys', '1')).rejects.toMatchObject({ code: 'E_FORGE_NOT_SUPPORTED' })
    } else {
      const made = await forge.addDeployKey(owner, 'keys', wanted)
      expect(await forge.deployKeys(owner, 'keys')).toEqual([{ ...wanted, id: made.id }])
      await expect(forge.addDeployKey(owner, 'keys', wanted)).rejects.toMatchObject({ code: 'E_FORGE_KEY_IN_USE' })
      await forge.removeDeployKey(owner, 'keys', made.id)
      await forge.removeDeployKey(owner, 'keys', made.id)
      expect(await forge.deployKeys(owner, 'keys')).toEqual([])
    }
    if (deployKeys === 'read-only') {
      await expect(forge.addDeployKey(owner, 'keys', { ...wanted, readOnly: false })).rejects.toMatchObject({
        code: 'E_FORGE_NOT_SUPPORTED',
      })
    }
    const hook = { url: 'https://sluice.example.com/hook', secret: Secret.of('a-secret-of-the-hook') }
    if (!webhooks) {
      await expect(forge.addWebhook(owner, 'keys', hook)).rejects.toMatchObject({ code: 'E_FORGE_NOT_SUPPORTED' })
      await expect(forge.removeWebhook(owner, 'keys', '1')).rejects.toMatchObject({ code: 'E_FORGE_NOT_SUPPORTED' })
      return
    }
    const made = await forge.addWebhook(owner, 'keys', hook)
    expect(await forge.webhooks(owner, 'keys')).toEqual([{ id: made.id, url: hook.url, active: true }])
    await forge.removeWebhook(owner, 'keys', made.id)
    expect(await forge.webhooks(owner, 'keys')).toEqual([])
  })
})

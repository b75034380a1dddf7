import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { GitLabForge } from '../../src/forges/index.ts'
import { openMirror, writeFiles } from '../../src/git/index.ts'
import { type SandboxForge, startForge } from '../../src/sandbox/forge/index.ts'
import { Secret } from '../../src/secrets/secret.ts'
import { Contract } from './contract.ts'
import { type Recorder, startRecorder } from './recorder.ts'

const contract = new Contract('gitlab.json')
const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZsdXgtc3lzdGVtLWtleS1mb3ItdGVzdHMtb25seS0wMDAwMDAw'

describe('GitLab, by its documentation', () => {
  let dir: string
  let sandbox: SandboxForge
  let recorder: Recorder

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'sluice-contract-'))
    sandbox = await startForge({ dataDir: join(dir, 'forge') })
    const { admin } = sandbox
    admin.createUser({ login: 'mona', name: 'Mona' })
    admin.createUser({ login: 'guest' })
    admin.createOrganization({ login: 'acme' })
    admin.createOrganization({ login: 'acme/platform' })
    admin.addMember('acme', 'mona', 'admin')
    recorder = await startRecorder(sandbox.port, '/api/v4')
  })

  afterAll(async () => {
    await recorder.close()
    await sandbox.close()
    await rm(dir, { recursive: true, force: true })
  })

  it('is asked and answers as described in every call that the client makes', async () => {
    const token = sandbox.admin.createGitLabToken({
      user: 'mona',
      scopes: ['api'],
      expiresAt: new Date(Date.UTC(2099, 1)),
    })
    const forge = new GitLabForge({ host: recorder.host, token, userAgent: 'sluice/test' })
    const owner = 'acme/platform'
    const drain = async () => {
      const target = { owner, personal: false, repository: 'fleet', branch: 'main' }
      for await (const line of forge.check(target)) expect(line.status, JSON.stringify(line)).not.toBe('fail')
    }
    await drain()
    await forge.owner('mona')
    await forge.createRepository({ owner, personal: false, name: 'fleet', description: 'x', private: true })
    await drain()
    const mirror = await openMirror(join(dir, 'mirror'))
    const author = { name: 'Mona', email: 'mona@example.com' }
    const remote = forge.remote(owner, 'fleet')
    await writeFiles({ mirror, remote, branch: 'main', message: 'x', author, changes: [{ path: 'a/b', content: 'c' }] })
    mirror.close()
    await forge.send('POST', '/projects/acme%2Fplatform%2Ffleet/protected_branches', { name: 'main' })
    await drain()
    await forge.branchProtection(owner, 'fleet', 'next')
    const made = await forge.addDeployKey(owner, 'fleet', { title: 'flux', key, readOnly: true })
    await forge.deployKeys(owner, 'fleet')
    await forge.removeDeployKey(owner, 'fleet', made.id)
    const deploy = await forge.addDeployToken(owner, 'fleet', { name: 'pull', expiresAt: '2099-01-31' })
    await forge.removeDeployToken(owner, 'fleet', deploy.id)
    const hook = await forge.addWebhook(owner, 'fleet', {
      url: 'http://127.0.0.1:9/h',
      secret: Secret.of('hook-secret'),
    })
    await forge.webhooks(owner, 'fleet')
    await forge.removeWebhook(owner, 'fleet', hook.id)

    const change = await openMirror(join(dir, 'change'))
    await writeFiles({
      mirror: change,
      remote,
      branch: 'change',
      message: 'x',
      author,
      changes: [{ path: 'b', content: 'd' }],
    })
    change.close()
    const wanted = { head: 'change', base: 'main', title: 'Change b', body: 'why' }
    const opened = await forge.changeRequests.open(owner, 'fleet', wanted)
    expect(await forge.changeRequests.open(owner, 'fleet', wanted)).toEqual(opened)
    expect(await forge.changeRequests.find(owner, 'fleet', wanted)).toEqual([opened])
    const requests = '/projects/acme%2Fplatform%2Ffleet/merge_requests'
    await forge.send('PUT', `${requests}/${opened.id}/merge`, { squash: true })
    expect(await forge.changeRequests.read(owner, 'fleet', opened.id)).toMatchObject({ state: 'merged' })
    await forge.changeRequests.close(owner, 'fleet', opened.id)

    // Somebody who is only invited to the project is looked up among its members.
    await sandbox.admin.createRepository({ owner: 'acme', name: 'public', private: false })
    const guest = sandbox.admin.createGitLabToken({ user: 'guest', scopes: ['api'] })
    const other = new GitLabForge({ host: recorder.host, token: guest, userAgent: 'sluice/test' })
    expect(await other.repository('acme', 'public')).toMatchObject({ permissions: { pull: true, push: false } })
    await other.close()

    await forge.deleteRepository(owner, 'fleet')
    await forge.close()
    expect(recorder.exchanges.length).toBeGreaterThan(30)
    expect([...new Set(recorder.exchanges.flatMap(exchange => contract.problems(exchange)))]).toEqual([])
    const asked = new Set(recorder.exchanges.map(({ method, path }) => contract.operationOf(method, path)))
    expect(asked.size).toBeGreaterThan(18)
  })
})

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGitHubForge, type GitHubForge } from '../../src/forges/index.ts'
import { openMirror, writeFiles } from '../../src/git/index.ts'
import { type SandboxForge, startForge } from '../../src/sandbox/forge/index.ts'
import { Secret } from '../../src/secrets/secret.ts'
import { Contract } from './contract.ts'
import { type Recorder, startRecorder } from './recorder.ts'

const contract = new Contract('github.json')
const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZsdXgtc3lzdGVtLWtleS1mb3ItdGVzdHMtb25seS0wMDAwMDAw'

describe('GitHub, by its official description', () => {
  let dir: string
  let sandbox: SandboxForge
  let recorder: Recorder
  let forge: GitHubForge

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'sluice-contract-'))
    sandbox = await startForge({ dataDir: join(dir, 'forge') })
    const { admin } = sandbox
    admin.createUser({ login: 'mona', name: 'Mona' })
    admin.createOrganization({ login: 'acme' })
    admin.addMember('acme', 'mona', 'admin')
    recorder = await startRecorder(sandbox.port, '/api/v3')
    const token = admin.createToken({ user: 'mona', kind: 'classic', scopes: ['repo', 'read:org', 'delete_repo'] })
    forge = createGitHubForge({ host: recorder.host, token, userAgent: 'sluice/test' })
  })

  afterAll(async () => {
    await forge.close()
    await recorder.close()
    await sandbox.close()
    await rm(dir, { recursive: true, force: true })
  })

  it('is asked and answers as described in every call that the client makes', async () => {
    const drain = async (repository: string) => {
      const target = { owner: 'acme', personal: false, repository, branch: 'main' }
      for await (const line of forge.check(target)) expect(line.status, JSON.stringify(line)).not.toBe('fail')
    }
    await drain('fleet')
    await forge.owner('mona')
    await forge.createRepository({ owner: 'acme', personal: false, name: 'fleet', description: 'x', private: true })
    await forge.createRepository({ owner: 'mona', personal: true, name: 'own', description: 'x', private: true })
    await drain('fleet')
    const mirror = await openMirror(join(dir, 'mirror'))
    const author = { name: 'Mona', email: 'mona@example.com' }
    const remote = forge.remote('acme', 'fleet')
    await writeFiles({ mirror, remote, branch: 'main', message: 'x', author, changes: [{ path: 'a/b', content: 'c' }] })
    mirror.close()
    const again = await openMirror(join(dir, 'again'))
    await drain('fleet')
    const made = await forge.addDeployKey('acme', 'fleet', { title: 'flux', key, readOnly: true })
    await forge.deployKeys('acme', 'fleet')
    await forge.removeDeployKey('acme', 'fleet', made.id)
    const secret = Secret.of('a-secret-of-the-hook')
    const hook = await forge.addWebhook('acme', 'fleet', { url: 'http://127.0.0.1:9/hook', secret })
    await forge.webhooks('acme', 'fleet')
    await forge.removeWebhook('acme', 'fleet', hook.id)
    await forge.get('/repos/acme/fleet/branches/main')
    const put = {
      required_status_checks: null,
      enforce_admins: true,
      required_pull_request_reviews: {},
      restrictions: null,
    }
    await fetch(`${sandbox.apiUrl}/repos/acme/fleet/branches/main/protection`, {
      method: 'PUT',
      headers: {
        authorization: `Bearer ${sandbox.admin.createToken({ user: 'mona', kind: 'classic', scopes: ['repo'] }).reveal()}`,
      },
      body: JSON.stringify(put),
    })
    expect(await forge.branchProtection('acme', 'fleet', 'main')).toMatchObject({ requiresPullRequest: true })
    await writeFiles({
      mirror: again,
      remote,
      branch: 'change',
      message: 'x',
      author,
      changes: [{ path: 'b', content: 'd' }],
    })
    again.close()
    const wanted = { head: 'change', base: 'main', title: 'Change b', body: 'why' }
    const opened = await forge.changeRequests.open('acme', 'fleet', wanted)
    expect(await forge.changeRequests.open('acme', 'fleet', wanted)).toEqual(opened)
    expect(await forge.changeRequests.find('acme', 'fleet', wanted)).toEqual([opened])
    expect(await forge.changeRequests.read('acme', 'fleet', opened.id)).toEqual(opened)
    await forge.changeRequests.close('acme', 'fleet', opened.id)
    expect(await forge.changeRequests.read('acme', 'fleet', opened.id)).toMatchObject({ state: 'closed' })
    await forge.deleteRepository('acme', 'fleet')

    expect(recorder.exchanges.length).toBeGreaterThan(25)
    expect([...new Set(recorder.exchanges.flatMap(exchange => contract.problems(exchange)))]).toEqual([])
  })

  it('answers as described in what the sandbox serves to others', async () => {
    await forge.createRepository({ owner: 'acme', personal: false, name: 'rest', description: 'x', private: true })
    const mirror = await openMirror(join(dir, 'rest'))
    const author = { name: 'Mona', email: 'mona@example.com' }
    const remote = forge.remote('acme', 'rest')
    const write = (branch: string, path: string) =>
      writeFiles({ mirror, remote, branch, message: path, author, changes: [{ path, content: path }] })
    const first = await write('main', 'a')
    await forge.send('POST', '/repos/acme/rest/git/refs', { ref: 'refs/heads/change', sha: first.commit })
    await write('change', 'b')
    mirror.close()
    await forge.get('/repos/acme/rest/contents/a')
    await forge.get('/repos/acme/rest/git/ref/heads/main')
    await forge.send('POST', '/repos/acme/rest/pulls', { title: 'x', head: 'change', base: 'main', body: 'y' })
    await forge.get('/repos/acme/rest/pulls?state=all')
    await forge.get('/repos/acme/rest/pulls/1')
    await forge.send('PUT', '/repos/acme/rest/pulls/1/merge', { merge_method: 'squash' })
    await forge.send('DELETE', '/repos/acme/rest/git/refs/heads/change', undefined)
    const mine = recorder.exchanges.filter(({ path }) => path.startsWith('/repos/acme/rest/'))
    expect(mine.map(({ status }) => status)).not.toContain(422)
    expect([...new Set(mine.flatMap(exchange => contract.problems(exchange)))]).toEqual([])
  })

  it('is really checked: an exchange that is not as described is found', () => {
    const exchange = {
      method: 'POST',
      path: '/user/repos',
      query: new URLSearchParams('x=1'),
      requestBody: { name: 7 },
      status: 201,
      responseBody: { id: 1 },
    }
    const problems = contract.problems(exchange).join('\n')
    expect(problems).toContain('query x')
    expect(problems).toContain('/name must be string')
    expect(problems).toContain("must have required property 'full_name'")
    expect(contract.problems({ ...exchange, path: '/nothing' })).toHaveLength(1)
  })
})

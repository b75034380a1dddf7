import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../base/clock.ts'
import { writeFiles } from '../../git/commit-files.ts'
import { openMirror } from '../../git/index.ts'
import { type CreateToken, type SandboxForge, startForge } from '../../sandbox/forge/index.ts'
import { Secret } from '../../secrets/secret.ts'
import {
  type CheckLine,
  checkToken,
  createGitHubForge,
  type GitHubForge,
  type GitHubOptions,
  type TokenTarget,
} from '../index.ts'

let dir: string
let sandbox: SandboxForge
const opened: GitHubForge[] = []
const author = { name: 'Mona', email: 'mona@example.com' }

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sluice-github-'))
  sandbox = await startForge({ dataDir: join(dir, 'forge') })
  const { admin } = sandbox
  admin.createUser({ login: 'mona', name: 'Mona' })
  admin.createUser({ login: 'hubot' })
  admin.createOrganization({ login: 'acme', membersCanCreateRepositories: false })
  admin.createOrganization({ login: 'guarded', requiresSso: true })
  admin.addMember('acme', 'mona', 'admin')
  admin.addMember('acme', 'hubot', 'member')
  admin.addMember('guarded', 'mona', 'member')
  await admin.createRepository({ owner: 'acme', name: 'full' })
  const mirror = await openMirror(join(dir, 'mirror'))
  const remote = forgeFor({ user: 'mona', kind: 'classic', scopes: ['repo'] }).remote('acme', 'full')
  await writeFiles({ mirror, remote, branch: 'main', message: 'first', author, changes: [{ path: 'a', content: 'a' }] })
  mirror.close()
})

afterAll(async () => {
  for (const forge of opened) await forge.close()
  await sandbox.close()
  await rm(dir, { recursive: true, force: true })
})

afterEach(() => sandbox.behave())

function forgeWith(token: Secret | undefined, more: Partial<GitHubOptions> = {}): GitHubForge {
  const forge = createGitHubForge({ host: `127.0.0.1:${sandbox.port}`, token, userAgent: 'sluice/test', ...more })
  opened.push(forge)
  return forge
}

function forgeFor(token: CreateToken, more: Partial<GitHubOptions> = {}): GitHubForge {
  return forgeWith(sandbox.admin.createToken(token), more)
}

async function diagnose(forge: GitHubForge, target: Partial<TokenTarget> = {}): Promise<CheckLine[]> {
  const lines: CheckLine[] = []
  for await (const line of checkToken(forge, {
    owner: 'acme',
    personal: false,
    repository: 'fleet',
    branch: 'main',
    ...target,
  })) {
    lines.push(line)
  }
  return lines
}

const statuses = (lines: CheckLine[]) => Object.fromEntries(lines.map(line => [line.id, line.status]))

describe('the GitHub client', () => {
  it('tells who the token belongs to, its scopes and its end', async () => {
    const expiresAt = new Date(Date.now() + 86_400_000 * 40)
    const forge = forgeFor({ user: 'mona', kind: 'classic', scopes: ['repo', 'read:org'], expiresAt })
    const identity = await forge.identify()
    expect(identity).toMatchObject({ login: 'mona', tokenKind: 'classic', scopes: ['repo', 'read:org'] })
    expect(identity.expiresAt!.slice(0, 19)).toBe(expiresAt.toISOString().slice(0, 19))
  })

  it('creates a repository once, and says so when there is one of this name in any case', async () => {
    const forge = forgeFor({ user: 'mona', kind: 'classic', scopes: ['repo', 'read:org'] })
    const request = { owner: 'acme', personal: false, name: 'Fresh', description: 'x', private: true }
    const made = await forge.createRepository(request)
    expect(made).toMatchObject({
      owner: 'acme',
      name: 'Fresh',
      private: true,
      archived: false,
      permissions: { push: true },
    })
    await expect(forge.createRepository({ ...request, name: 'fresh' })).rejects.toMatchObject({
      code: 'E_FORGE_REPOSITORY_EXISTS',
    })
    expect(await forge.repository('acme', 'fresh')).toMatchObject({ defaultBranch: 'main' })
    expect(await forge.repository('acme', 'nothing')).toBeUndefined()
  })

  it('waits for a new repository until the host shows it', async () => {
    const forge = forgeFor({ user: 'mona', kind: 'classic', scopes: ['repo'] })
    sandbox.misbehave({ match: 'GET /api/v3/repos/mona/late', times: 2, status: 404, body: { message: 'Not Found' } })
    const start = Date.now()
    await forge.createRepository({ owner: 'mona', personal: true, name: 'late', description: '', private: true })
    expect(Date.now() - start).toBeGreaterThan(900)
  })

  it('names what a token lacks when it may not create', async () => {
    const request = { owner: 'mona', personal: true, name: 'no', description: '', private: true }
    await expect(
      forgeFor({ user: 'mona', kind: 'classic', scopes: ['read:org'] }).createRepository(request),
    ).rejects.toMatchObject({ code: 'E_TOKEN_SCOPE' })
    const fine = forgeFor({ user: 'mona', kind: 'fine-grained', permissions: { contents: 'write' } })
    await expect(fine.createRepository(request)).rejects.toMatchObject({
      code: 'E_TOKEN_SCOPE',
      next: 'Open the settings of the fine-grained token and give it "Administration: read and write".',
    })
    const member = forgeFor({ user: 'hubot', kind: 'classic', scopes: ['repo'] })
    await expect(member.createRepository({ ...request, owner: 'acme', personal: false })).rejects.toMatchObject({
      code: 'E_FORGE_MAY_NOT_CREATE',
    })
  })

  it('waits as long as the host asks, tells so, and gives up when that is too long', async () => {
    const waits: number[] = []
    const slept: number[] = []
    const clock = { ...systemClock, sleep: async (ms: number) => void slept.push(ms) }
    const forge = forgeFor(
      { user: 'mona', kind: 'classic', scopes: ['repo'] },
      { clock, onWait: wait => waits.push(wait.ms) },
    )
    sandbox.misbehave({ match: '/user', status: 429, headers: { 'retry-after': '7' }, body: { message: 'slow down' } })
    expect(await forge.identify()).toMatchObject({ login: 'mona' })
    expect([waits, slept]).toEqual([[7000], [7000]])
    sandbox.misbehave({
      match: '/user',
      status: 403,
      headers: { 'retry-after': '3600' },
      body: { message: 'secondary rate limit' },
    })
    await forge.identify()
    expect(waits.at(-1)).toBe(3_600_000)
    for (const absurd of ['3601', '315360000', '9'.repeat(30)]) {
      slept.length = 0
      sandbox.misbehave({ match: '/user', status: 429, headers: { 'retry-after': absurd }, body: { message: 'no' } })
      await expect(forge.identify()).rejects.toMatchObject({ code: 'E_FORGE_RATE_LIMITED', retryable: true })
      expect(slept).toEqual([])
      sandbox.behave()
    }
  })

  it('names a login page, a fault of the host and a cut connection', async () => {
    const clock = { ...systemClock, sleep: async () => {} }
    const forge = forgeFor({ user: 'mona', kind: 'classic', scopes: ['repo'] }, { clock })
    sandbox.misbehave({
      match: '/user',
      status: 200,
      headers: { 'content-type': 'text/html' },
      body: '<title>Sign in</title>',
    })
    await expect(forge.identify()).rejects.toMatchObject({
      code: 'E_FORGE_NOT_A_FORGE',
      message: expect.stringContaining('Sign in'),
    })
    sandbox.misbehave({
      match: '/user',
      status: 502,
      times: 2,
      headers: { 'content-type': 'text/html' },
      body: 'bad gateway',
    })
    expect(await forge.identify()).toMatchObject({ login: 'mona' })
    sandbox.misbehave({
      match: '/user',
      status: 502,
      times: 4,
      headers: { 'content-type': 'text/html' },
      body: 'bad gateway',
    })
    await expect(forge.identify()).rejects.toMatchObject({ code: 'E_FORGE_SERVER_ERROR' })
    sandbox.misbehave({ match: '/user', drop: true, times: 4 })
    await expect(forge.identify()).rejects.toMatchObject({ code: 'E_FORGE_UNREACHABLE' })
  })

  it('never sends a create again once it may have arrived', async () => {
    const forge = forgeFor({ user: 'mona', kind: 'classic', scopes: ['repo'] })
    sandbox.misbehave({ match: 'POST /api/v3/user/repos', drop: { afterBytes: 10 } })
    const request = { owner: 'mona', personal: true, name: 'once', description: '', private: true }
    await expect(forge.createRepository(request)).rejects.toMatchObject({ code: 'E_FORGE_UNREACHABLE' })
    expect(await forge.repository('mona', 'once')).toMatchObject({ name: 'once' })
  })

  it('does not follow a redirect and does not hand the token to another host', async () => {
    const forge = forgeFor({ user: 'mona', kind: 'classic', scopes: ['repo'] })
    sandbox.misbehave({
      match: '/repos/mona/moved',
      status: 301,
      headers: { location: 'http://127.0.0.1:9/x' },
      body: { message: 'Moved Permanently' },
    })
    await expect(forge.repository('mona', 'moved')).rejects.toMatchObject({ code: 'E_FORGE_REPOSITORY_MOVED' })
  })

  it('never shows the token when the host echoes it', async () => {
    const token = sandbox.admin.createToken({ user: 'mona', kind: 'classic', scopes: ['repo'] })
    const forge = forgeWith(token)
    sandbox.misbehave({ match: '/user', status: 403, body: { message: `no: Authorization: Bearer ${token.reveal()}` } })
    const error = await forge.identify().catch((failure: unknown) => failure as Error & { toJSON(): unknown })
    expect(JSON.stringify(error) + String(error) + String((error as Error).stack)).not.toContain(token.reveal())
  })
})

describe('the diagnosis of a token', () => {
  it('passes in every line for a good token and a repository that is not there', async () => {
    const lines = await diagnose(forgeFor({ user: 'mona', kind: 'classic', scopes: ['repo', 'read:org'] }))
    expect(statuses(lines)).toEqual({
      'token.shape': 'pass',
      'token.account': 'pass',
      'token.scopes': 'pass',
      'token.expiry': 'pass',
      owner: 'pass',
      repository: 'pass',
      'repository.create': 'pass',
    })
  })

  it('looks at the branch of a repository that is there', async () => {
    const forge = forgeFor({ user: 'mona', kind: 'classic', scopes: ['repo', 'read:org'] })
    expect((await diagnose(forge, { repository: 'full' })).at(-1)).toMatchObject({
      id: 'branch',
      status: 'pass',
      detail: 'nothing protects main',
    })
  })

  it('stops after a malformed token, without asking the host', async () => {
    let asked = 0
    sandbox.misbehave({
      match: '/api',
      times: 100,
      get status() {
        asked++
        return 500
      },
    })
    const lines = await diagnose(forgeWith(Secret.of('ghp_tooshort')))
    expect(lines[0]).toMatchObject({ status: 'fail', code: 'E_TOKEN_MALFORMED' })
    expect(lines.slice(1).every(line => line.status === 'not-run')).toBe(true)
    expect(asked).toBe(0)
  })

  it('says that a token is wrong, expired or revoked in one line', async () => {
    const expired = sandbox.admin.createToken({
      user: 'mona',
      kind: 'classic',
      scopes: ['repo'],
      expiresAt: new Date(0),
    })
    const lines = await diagnose(forgeWith(expired))
    expect(lines.filter(line => line.status === 'fail')).toMatchObject([
      {
        id: 'token.account',
        code: 'E_TOKEN_REFUSED',
        hostSaid: 'Bad credentials',
        fix: expect.stringContaining('/settings/tokens/new'),
      },
    ])
  })

  it.each([
    ['a missing scope', { user: 'mona', kind: 'classic', scopes: ['read:org'] }, {}, 'token.scopes', 'E_TOKEN_SCOPE'],
    [
      'another owner',
      { user: 'hubot', kind: 'classic', scopes: ['repo'] },
      { owner: 'mona', personal: true },
      'owner',
      'E_FORGE_OWNER_MISMATCH',
    ],
    [
      'a user in place of an organization',
      { user: 'hubot', kind: 'classic', scopes: ['repo'] },
      { owner: 'mona' },
      'owner',
      'E_FORGE_OWNER_MISMATCH',
    ],
    [
      'an unknown owner',
      { user: 'mona', kind: 'classic', scopes: ['repo'] },
      { owner: 'nobody-here' },
      'owner',
      'E_FORGE_OWNER_NOT_FOUND',
    ],
    [
      'a member that may not create',
      { user: 'hubot', kind: 'classic', scopes: ['repo', 'read:org'] },
      {},
      'repository.create',
      'E_FORGE_MAY_NOT_CREATE',
    ],
    [
      'a missing right to write',
      { user: 'hubot', kind: 'classic', scopes: ['repo', 'read:org'] },
      { repository: 'full' },
      'repository',
      'E_FORGE_READ_ONLY',
    ],
    [
      'a token that single sign-on wants authorized',
      { user: 'mona', kind: 'classic', scopes: ['repo', 'read:org'] },
      { owner: 'guarded' },
      'owner',
      'E_TOKEN_SSO',
    ],
  ] as const)('finds %s', async (_name, token, target, id, code) => {
    const failed = (await diagnose(forgeFor({ ...token, scopes: [...token.scopes] }), target)).filter(
      line => line.status === 'fail',
    )
    expect(failed).toMatchObject([{ id, code }])
    expect(failed[0]!.fix).toBeTruthy()
  })

  it('warns when the token ends within two weeks', async () => {
    const expiresAt = new Date(Date.now() + 86_400_000 * 3.5)
    const lines = await diagnose(forgeFor({ user: 'mona', kind: 'classic', scopes: ['repo', 'read:org'], expiresAt }))
    expect(lines.find(line => line.id === 'token.expiry')).toMatchObject({
      status: 'warn',
      detail: expect.stringContaining('in 3 days'),
    })
  })

  it('finds a branch that wants pull requests, and lets an exempt administrator pass', async () => {
    const classic = { kind: 'classic', scopes: ['repo', 'read:org'] } as const
    const token = sandbox.admin.createToken({ user: 'mona', ...classic, scopes: ['repo'] })
    const protect = (enforce: boolean) =>
      fetch(`${sandbox.apiUrl}/repos/acme/full/branches/main/protection`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${token.reveal()}` },
        body: JSON.stringify({
          required_status_checks: null,
          enforce_admins: enforce,
          required_pull_request_reviews: {},
          restrictions: null,
        }),
      })
    expect((await protect(true)).status).toBe(200)
    const mona = forgeFor({ user: 'mona', ...classic, scopes: ['repo', 'read:org'] })
    expect((await diagnose(mona, { repository: 'full' })).at(-1)).toMatchObject({
      id: 'branch',
      code: 'E_FORGE_BRANCH_PROTECTED',
    })
    await protect(false)
    expect((await diagnose(mona, { repository: 'full' })).at(-1)).toMatchObject({ id: 'branch', status: 'pass' })
    sandbox.admin.addCollaborator('acme', 'full', 'hubot', 'write')
    const hubot = forgeFor({ user: 'hubot', ...classic, scopes: ['repo', 'read:org'] })
    expect((await diagnose(hubot, { repository: 'full' })).at(-1)).toMatchObject({ id: 'branch', status: 'warn' })
  })
})

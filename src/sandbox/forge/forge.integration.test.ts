import { execFile } from 'node:child_process'
import { createHmac, generateKeyPairSync } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Secret } from '../../secrets/secret.ts'
import type { PushEvent } from './index.ts'
import { type SandboxForge, startForge } from './index.ts'

const run = promisify(execFile)
let dir: string
let forge: SandboxForge
let events: PushEvent[]
let token: Secret

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sluice-forge-'))
  events = []
  forge = await startForge({ dataDir: join(dir, 'data'), onPush: event => events.push(event) })
  forge.admin.createUser({ login: 'mona' })
  token = forge.admin.createToken({ user: 'mona', kind: 'classic', scopes: ['repo'] })
  await forge.admin.createRepository({ owner: 'mona', name: 'fleet' })
})

afterEach(async () => {
  await forge.close()
  await rm(dir, { recursive: true, force: true })
})

/** Git as people use it: a token in the address, in a folder of their own. */
async function git(args: string[], cwd = dir): Promise<{ stdout: string; stderr: string; code: number }> {
  const env = { PATH: process.env['PATH']!, HOME: dir, GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' }
  const identity = ['-c', 'user.name=Mona', '-c', 'user.email=mona@example.com', '-c', 'init.defaultBranch=main']
  try {
    return { ...(await run('git', [...identity, ...args], { cwd, env })), code: 0 }
  } catch (error) {
    const failed = error as { stdout: string; stderr: string; code: number }
    return { stdout: failed.stdout, stderr: failed.stderr, code: failed.code }
  }
}

const address = (secret: Secret | undefined, path = 'mona/fleet.git') =>
  secret ? forge.url.replace('//', `//x-access-token:${secret.reveal()}@`) + `/${path}` : `${forge.url}/${path}`

async function workingCopy(secret: Secret = token): Promise<string> {
  const work = join(dir, `work-${Math.random()}`)
  expect(await git(['clone', '-q', address(secret), work])).toMatchObject({ code: 0 })
  return work
}

async function commit(work: string, file: string, text: string): Promise<void> {
  await writeFile(join(work, file), text)
  await git(['add', '.'], work)
  expect(await git(['commit', '-qm', `write ${file}`], work)).toMatchObject({ code: 0 })
}

const push = (work: string, ...args: string[]) => git(['push', ...args], work)

function api(
  secret: Secret | undefined,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
) {
  return fetch(forge.apiUrl + path, {
    method,
    headers: { 'user-agent': 'test', ...(secret && { authorization: `token ${secret.reveal()}` }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
}

async function protect(rules: Record<string, unknown> = {}): Promise<void> {
  const none = {
    required_status_checks: null,
    enforce_admins: true,
    required_pull_request_reviews: null,
    restrictions: null,
  }
  const answer = await api(token, 'PUT', '/repos/mona/fleet/branches/main/protection', { ...none, ...rules })
  expect(answer.status, await answer.clone().text()).toBe(200)
}

/** A working copy whose first commit is pushed to main. */
async function pushedCopy(): Promise<string> {
  const work = await workingCopy()
  await commit(work, 'a.txt', 'one')
  expect(await push(work, '-q', 'origin', 'HEAD:main')).toMatchObject({ code: 0 })
  return work
}

describe('git over HTTP', () => {
  it('serves clone and push of a private repository to its owner and tells the listeners', async () => {
    const work = await pushedCopy()
    const head = (await git(['rev-parse', 'HEAD'], work)).stdout.trim()
    expect(events).toEqual([
      { owner: 'mona', repo: 'fleet', ref: 'refs/heads/main', before: '0'.repeat(40), after: head, pusher: 'mona' },
    ])
    const again = await workingCopy()
    expect((await git(['log', '--format=%s'], again)).stdout).toBe('write a.txt\n')
  })

  it('takes the token as password, as user name, and as bearer', async () => {
    await pushedCopy()
    const text = token.reveal()
    for (const form of [`anybody:${text}@`, `${text}@`, `${text}:x-oauth-basic@`]) {
      expect(await git(['ls-remote', forge.url.replace('//', `//${form}`) + '/mona/fleet'])).toMatchObject({ code: 0 })
    }
    expect(
      await git(['-c', `http.extraHeader=Authorization: Bearer ${text}`, 'ls-remote', address(undefined)]),
    ).toMatchObject({ code: 0 })
  })

  it('serves old clients and partial clones', async () => {
    await pushedCopy()
    expect(await git(['-c', 'protocol.version=0', 'clone', '-q', address(token), join(dir, 'v0')])).toMatchObject({
      code: 0,
    })
    expect(
      await git(['clone', '-q', '--filter=blob:none', '--depth=1', address(token), join(dir, 'partial')]),
    ).toMatchObject({ code: 0, stderr: '' })
  })

  it('refuses nobody, a wrong, an expired and a revoked token with 401, and hides what is private', async () => {
    const expired = forge.admin.createToken({
      user: 'mona',
      kind: 'classic',
      scopes: ['repo'],
      expiresAt: new Date(Date.now() - 1000),
    })
    const revoked = forge.admin.createToken({ user: 'mona', kind: 'classic', scopes: ['repo'] })
    expect(forge.admin.revokeToken(revoked)).toBe(true)
    forge.admin.createUser({ login: 'hubot' })
    const other = forge.admin.createToken({ user: 'hubot', kind: 'classic', scopes: ['repo'] })
    const unscoped = forge.admin.createToken({ user: 'mona', kind: 'classic', scopes: [] })
    const status = async (secret: Secret | undefined) =>
      (
        await fetch(
          `${address(undefined)}/info/refs?service=git-upload-pack`,
          secret && { headers: { authorization: `Bearer ${secret.reveal()}` } },
        )
      ).status
    expect(await Promise.all([undefined, expired, revoked, other, unscoped, token].map(status))).toEqual([
      401, 401, 401, 404, 404, 200,
    ])
    expect((await git(['ls-remote', address(other)])).stderr).toContain('Repository not found')
  })

  it('lets everybody read a public repository and nobody without rights push', async () => {
    await forge.admin.createRepository({ owner: 'mona', name: 'open', private: false })
    forge.admin.createUser({ login: 'hubot' })
    const other = forge.admin.createToken({ user: 'hubot', kind: 'classic', scopes: ['repo'] })
    expect(await git(['ls-remote', address(undefined, 'mona/open.git')])).toMatchObject({ code: 0 })
    const work = await pushedCopy()
    expect((await push(work, address(other, 'mona/open.git'), 'HEAD:main')).stderr).toContain(
      'Permission to mona/open.git denied to hubot',
    )
  })

  it('refuses a push with a token that can only read', async () => {
    const reader = forge.admin.createToken({ user: 'mona', kind: 'fine-grained', permissions: { contents: 'read' } })
    const work = await workingCopy(reader)
    await commit(work, 'a.txt', 'one')
    expect((await push(work)).stderr).toContain('Write access to repository not granted')
    expect(events).toEqual([])
  })

  it('refuses a fine-grained token that is for other repositories', async () => {
    await forge.admin.createRepository({ owner: 'mona', name: 'other' })
    const selected = forge.admin.createToken({
      user: 'mona',
      kind: 'fine-grained',
      permissions: { contents: 'write' },
      repositories: ['other'],
    })
    expect((await git(['ls-remote', address(selected)])).stderr).toContain('not found')
    expect(await git(['ls-remote', address(selected, 'mona/other')])).toMatchObject({ code: 0 })
    forge.admin.createOrganization({ login: 'acme' })
    forge.admin.addMember('acme', 'mona', 'admin')
    await forge.admin.createRepository({ owner: 'acme', name: 'other' })
    const own = forge.admin.createToken({ user: 'mona', kind: 'fine-grained', permissions: { contents: 'write' } })
    expect((await git(['ls-remote', address(own, 'acme/other')])).stderr).toContain('not found')
  })

  it('refuses a push to an archived repository', async () => {
    const work = await pushedCopy()
    expect((await api(token, 'PATCH', '/repos/mona/fleet', { archived: true })).status).toBe(200)
    await commit(work, 'b.txt', 'two')
    expect((await push(work, 'origin', 'HEAD:main')).stderr).toContain('archived so it is read-only')
  })

  it('refuses what a protected branch does not take, in the words of GitHub', async () => {
    const work = await pushedCopy()
    await protect({ required_pull_request_reviews: { required_approving_review_count: 1 } })
    await commit(work, 'b.txt', 'two')
    const refused = await push(work, 'origin', 'HEAD:main')
    expect(refused.stderr).toContain('GH006: Protected branch update failed for refs/heads/main')
    expect(refused.stderr).toContain('[remote rejected] HEAD -> main (protected branch hook declined)')
    expect(await push(work, '-q', 'origin', 'HEAD:refs/heads/change')).toMatchObject({ code: 0 })
    await protect({ required_pull_request_reviews: {}, enforce_admins: false })
    expect(await push(work, '-q', 'origin', 'HEAD:main')).toMatchObject({ code: 0 })
  })

  it('takes a forced push to a free branch and refuses it, and deletion, on a protected one', async () => {
    const work = await pushedCopy()
    await push(work, '-q', 'origin', 'HEAD:free')
    await protect()
    await git(['commit', '-q', '--amend', '-m', 'rewritten'], work)
    expect(await push(work, '-qf', 'origin', 'HEAD:free')).toMatchObject({ code: 0 })
    expect((await push(work, '-f', 'origin', 'HEAD:main')).stderr).toContain(
      '[remote rejected] HEAD -> main (non-fast-forward)',
    )
    expect((await push(work, 'origin', ':main')).stderr).toContain('remote rejected')
    expect(events.map(event => event.ref)).toEqual(['refs/heads/main', 'refs/heads/free', 'refs/heads/free'])
  })

  it('takes one of several concurrent pushes and refuses the others, without a broken state', async () => {
    const works = await Promise.all(
      [1, 2, 3, 4].map(async i => {
        const work = await workingCopy()
        await commit(work, `f${i}.txt`, String(i))
        return work
      }),
    )
    const results = await Promise.all(works.map(work => push(work, 'origin', 'HEAD:main')))
    expect(results.filter(result => result.code === 0)).toHaveLength(1)
    expect(events).toHaveLength(1)
  })

  it('makes the branch of a first push the default one', async () => {
    const work = await workingCopy()
    await commit(work, 'a.txt', 'one')
    await push(work, '-q', 'origin', 'HEAD:trunk')
    expect(await (await api(token, 'GET', '/repos/mona/fleet')).json()).toMatchObject({ default_branch: 'trunk' })
    expect((await git(['ls-remote', '--symref', address(token), 'HEAD'])).stdout).toContain('ref: refs/heads/trunk')
  })

  it('drops a push whose client goes away in the middle', async () => {
    const work = await pushedCopy()
    await writeFile(join(work, 'big'), Buffer.alloc(3_000_000, Math.random().toString()))
    await commit(work, 'b.txt', 'two')
    forge.misbehave({ match: 'POST /mona/fleet.git/git-receive-pack', delayMs: 300 })
    const child = execFile('git', ['push', '-q', 'origin', 'HEAD:main'], {
      cwd: work,
      env: { PATH: process.env['PATH']! },
    })
    await new Promise(resolve => setTimeout(resolve, 150))
    child.kill('SIGKILL')
    await new Promise(resolve => setTimeout(resolve, 500))
    expect(await push(work, '-q', 'origin', 'HEAD:main')).toMatchObject({ code: 0 })
  })
})

describe('the REST API', () => {
  it('has the headers and shapes of GitHub', async () => {
    const answer = await api(token, 'GET', '/repos/mona/fleet')
    expect(answer.status).toBe(200)
    expect(answer.headers.get('x-oauth-scopes')).toBe('repo')
    expect(answer.headers.get('x-accepted-oauth-scopes')).toBe('repo')
    expect(answer.headers.get('x-ratelimit-limit')).toBe('5000')
    expect(Number(answer.headers.get('x-ratelimit-reset'))).toBeGreaterThan(Date.now() / 1000)
    expect(await answer.json()).toMatchObject({
      full_name: 'mona/fleet',
      private: true,
      visibility: 'private',
      owner: { login: 'mona', type: 'User' },
      default_branch: 'main',
      permissions: { admin: true, push: true, pull: true },
      clone_url: `${forge.url}/mona/fleet.git`,
    })
    const again = await api(token, 'GET', '/repos/mona/fleet', undefined, {
      'if-none-match': answer.headers.get('etag')!,
    })
    expect([again.status, await again.text()]).toEqual([304, ''])
    const head = await api(token, 'HEAD', '/users/mona')
    expect([head.status, await head.text()]).toEqual([200, ''])
  })

  it.each([
    ['no login', undefined, 'GET', '/user', 401, { message: 'Requires authentication' }],
    ['a wrong token', Secret.of('ghp_'.padEnd(40, 'x')), 'GET', '/user', 401, { message: 'Bad credentials' }],
    ['a hidden repository', undefined, 'GET', '/repos/mona/fleet', 404, { message: 'Not Found', status: '404' }],
    ['an unknown page', undefined, 'GET', '/nothing', 404, { message: 'Not Found' }],
    ['an unknown owner', undefined, 'GET', '/users/nobody', 404, { message: 'Not Found' }],
  ] as const)('answers %s as GitHub does', async (_name, secret, method, path, status, body) => {
    const answer = await api(secret, method, path)
    expect([answer.status, await answer.json()]).toMatchObject([status, body])
  })

  it('creates repositories with unique, valid names only', async () => {
    const made = await api(token, 'POST', '/user/repos', { name: 'Second', private: true, auto_init: true })
    expect([made.status, await made.json()]).toMatchObject([201, { full_name: 'mona/Second' }])
    expect((await git(['ls-remote', address(token, 'mona/second')])).stdout).toContain('refs/heads/main')
    const twin = await api(token, 'POST', '/user/repos', { name: 'second' })
    expect([twin.status, await twin.json()]).toMatchObject([
      422,
      { message: 'Repository creation failed.', errors: [{ message: 'name already exists on this account' }] },
    ])
    for (const name of ['', '..', 'x'.repeat(101)])
      expect((await api(token, 'POST', '/user/repos', { name })).status, name).toBe(422)
    expect(await (await api(token, 'POST', '/user/repos', { name: 'a b/c' })).json()).toMatchObject({ name: 'a-b-c' })
    const race = await Promise.all(Array.from({ length: 6 }, () => api(token, 'POST', '/user/repos', { name: 'race' })))
    expect(race.map(answer => answer.status).sort()).toEqual([201, 422, 422, 422, 422, 422])
    expect(await readdir(join(dir, 'data/repositories'))).toHaveLength(4)
  })

  it('lets members create in an organization only when it allows it', async () => {
    const { admin } = forge
    admin.createUser({ login: 'hubot' })
    admin.createOrganization({ login: 'acme', membersCanCreateRepositories: false })
    admin.addMember('acme', 'hubot')
    const hubot = admin.createToken({ user: 'hubot', kind: 'classic', scopes: ['repo', 'read:org'] })
    expect(await (await api(hubot, 'GET', '/orgs/acme')).json()).toMatchObject({
      members_can_create_repositories: false,
    })
    expect(await (await api(token, 'GET', '/orgs/acme')).json()).not.toHaveProperty('members_can_create_repositories')
    expect((await api(hubot, 'POST', '/orgs/acme/repos', { name: 'x' })).status).toBe(403)
    expect(await (await api(hubot, 'GET', '/user/memberships/orgs/acme')).json()).toMatchObject({
      state: 'active',
      role: 'member',
    })
    expect((await api(token, 'GET', '/user/memberships/orgs/acme')).status).toBe(403)
    admin.createOrganization({ login: 'acme', membersCanCreateRepositories: true })
    expect((await api(hubot, 'POST', '/orgs/acme/repos', { name: 'x' })).status).toBe(201)
  })

  it('deletes only with the scope for it', async () => {
    expect((await api(token, 'DELETE', '/repos/mona/fleet')).status).toBe(403)
    const deleter = forge.admin.createToken({ user: 'mona', kind: 'classic', scopes: ['repo', 'delete_repo'] })
    expect((await api(deleter, 'DELETE', '/repos/mona/fleet')).status).toBe(204)
    expect((await api(deleter, 'GET', '/repos/mona/fleet')).status).toBe(404)
  })

  it('reads files, branches, refs and history', async () => {
    const work = await pushedCopy()
    await commit(work, 'dir file.yaml', 'x: 1\n')
    await push(work, '-q', 'origin', 'HEAD:main', 'HEAD:release/1')
    const json = async (path: string) => (await api(token, 'GET', `/repos/mona/fleet${path}`)).json()
    expect(await json('/contents/dir%20file.yaml')).toMatchObject({
      type: 'file',
      encoding: 'base64',
      content: 'eDogMQo=\n',
      size: 5,
    })
    expect(await json('/contents')).toMatchObject([{ name: 'a.txt' }, { name: 'dir file.yaml' }])
    expect(await json('/contents/none')).toMatchObject({ message: 'Not Found' })
    expect(await json('/branches')).toMatchObject([{ name: 'main', protected: false }, { name: 'release/1' }])
    expect(await json('/branches/release/1')).toMatchObject({ commit: { commit: { message: 'write dir file.yaml' } } })
    expect(await json('/git/ref/heads/release/1')).toMatchObject({ object: { type: 'commit' } })
    expect(await json('/git/matching-refs/heads/rel')).toHaveLength(1)
    expect(await json('/commits?path=a.txt')).toMatchObject([{ commit: { message: 'write a.txt' } }])
    expect(await json('/commits/main')).toMatchObject({ files: [{ filename: 'dir file.yaml', status: 'added' }] })
    expect(await json('/branches/main/protection')).toMatchObject({ message: 'Branch not protected' })
    expect(await json('/rules/branches/main')).toEqual([])
  })

  it('pages lists with Link headers', async () => {
    for (let i = 0; i < 4; i++) await forge.admin.createRepository({ owner: 'mona', name: `r${i}` })
    const first = await api(token, 'GET', '/user/repos?per_page=2')
    expect(first.headers.get('link')).toBe(
      `<${forge.apiUrl}/user/repos?per_page=2&page=2>; rel="next", <${forge.apiUrl}/user/repos?per_page=2&page=3>; rel="last"`,
    )
    expect(await (await api(token, 'GET', '/user/repos?per_page=2&page=3')).json()).toHaveLength(1)
  })

  it('keeps deploy keys that are real and new', async () => {
    const key = `${opensshPublicKey()} me`
    const made = await api(token, 'POST', '/repos/mona/fleet/keys', { title: 'flux', key, read_only: true })
    const body = (await made.json()) as { id: number; key: string }
    expect([made.status, body]).toMatchObject([201, { title: 'flux', read_only: true, verified: true }])
    expect(body.key).toBe(key.split(' ').slice(0, 2).join(' '))
    expect(await (await api(token, 'POST', '/repos/mona/fleet/keys', { key })).json()).toMatchObject({
      errors: [{ message: 'key is already in use' }],
    })
    expect((await api(token, 'POST', '/repos/mona/fleet/keys', { key: 'ssh-ed25519 AAAA' })).status).toBe(422)
    expect(await (await api(token, 'GET', '/repos/mona/fleet/keys')).json()).toHaveLength(1)
    expect((await api(token, 'DELETE', `/repos/mona/fleet/keys/${body.id}`)).status).toBe(204)
  })

  it('sends webhooks that are signed, and records the deliveries', async () => {
    const seen: { headers: Record<string, unknown>; body: string }[] = []
    let refuse = 1
    const receiver = createServer(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      if (request.headers['x-github-event'] === 'push' && refuse-- > 0) return void response.writeHead(500).end()
      seen.push({ headers: request.headers, body })
      response.end()
    })
    await new Promise<void>(resolve => receiver.listen(0, '127.0.0.1', resolve))
    try {
      const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`
      const config = { url, content_type: 'json', secret: 'hook-secret' }
      const made = await api(token, 'POST', '/repos/mona/fleet/hooks', { config, events: ['push'] })
      const hook = (await made.json()) as { id: number; config: { secret: string } }
      expect(hook.config.secret).toBe('********')
      expect(
        (await api(token, 'POST', '/repos/mona/fleet/hooks', { config: { url: 'https://example.com/' } })).status,
      ).toBe(422)
      await pushedCopy()
      await expect.poll(() => seen.length, { timeout: 5000 }).toBe(2)
      const delivered = seen[1]!
      const signature = `sha256=${createHmac('sha256', 'hook-secret').update(delivered.body).digest('hex')}`
      expect(delivered.headers).toMatchObject({ 'x-github-event': 'push', 'x-hub-signature-256': signature })
      expect(JSON.parse(delivered.body)).toMatchObject({
        ref: 'refs/heads/main',
        after: events[0]!.after,
        repository: { full_name: 'mona/fleet' },
      })
      const list = (await (await api(token, 'GET', `/repos/mona/fleet/hooks/${hook.id}/deliveries`)).json()) as {
        status_code: number
      }[]
      expect(list.map(delivery => delivery.status_code)).toEqual([200, 500, 200])
    } finally {
      receiver.close()
    }
  })

  it('opens and merges pull requests between branches', async () => {
    const work = await pushedCopy()
    await commit(work, 'b.txt', 'two')
    await push(work, '-q', 'origin', 'HEAD:change')
    const made = await api(token, 'POST', '/repos/mona/fleet/pulls', { title: 'Two', head: 'change', base: 'main' })
    expect([made.status, await made.json()]).toMatchObject([201, { number: 1, state: 'open', head: { ref: 'change' } }])
    expect(
      (await api(token, 'POST', '/repos/mona/fleet/pulls', { title: 'Two', head: 'change', base: 'main' })).status,
    ).toBe(422)
    expect(await (await api(token, 'PUT', '/repos/mona/fleet/pulls/1/merge', {})).json()).toMatchObject({
      merged: true,
    })
    expect(events.at(-1)).toMatchObject({ ref: 'refs/heads/main', pusher: 'mona' })
    expect(await (await api(token, 'GET', '/repos/mona/fleet/contents/b.txt')).json()).toMatchObject({ type: 'file' })
  })

  it('bounds bodies and refuses what is no JSON', async () => {
    const send = (body: string) =>
      fetch(`${forge.apiUrl}/user/repos`, {
        method: 'POST',
        body,
        headers: { authorization: `token ${token.reveal()}`, 'user-agent': 'x' },
      })
    expect((await send('{')).status).toBe(400)
    expect((await send('[]')).status).toBe(400)
    expect((await send(JSON.stringify({ name: 'x'.repeat(2_000_000) }))).status).toBe(413)
    expect((await send(JSON.stringify({ name: 5 }))).status).toBe(422)
  })

  it('keeps everything over a restart, and tokens as digests only', async () => {
    await pushedCopy()
    await forge.close()
    forge = await startForge({ dataDir: join(dir, 'data') })
    expect(await git(['ls-remote', address(token)])).toMatchObject({ code: 0 })
    for (const name of await readdir(join(dir, 'data'))) {
      if (!name.startsWith('forge.sqlite')) continue
      expect((await readFile(join(dir, 'data', name))).includes(token.reveal())).toBe(false)
    }
  })
})

/** A fresh Ed25519 key in the form of a deploy key (RFC 8709). */
function opensshPublicKey(): string {
  const { x = '' } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
  const field = (bytes: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes])
  const blob = Buffer.concat([field(Buffer.from('ssh-ed25519')), field(Buffer.from(x, 'base64url'))])
  return `ssh-ed25519 ${blob.toString('base64')}`
}

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { listRemoteRefs, type Mirror, openMirror, runGit, writeFiles } from '../../git/index.ts'
import { type SandboxForge, startForge } from '../../sandbox/forge/index.ts'
import type { Secret } from '../../secrets/secret.ts'
import { type CheckLine, createForge, type Forge } from '../index.ts'
import { type Change, type ReviewEvent, writeChange } from './index.ts'
import { requestBody, requestBranch, requestTitle } from './request-text.ts'

const author = { name: 'Mona', email: 'mona@example.com' }
const base = { owner: 'acme', repository: 'fleet', branch: 'main' }
const key = 'scale prod md-0=5'
const head = requestBranch('main', key)

let dir: string
let sandbox: SandboxForge
let forge: Forge
let mirror: Mirror
let events: ReviewEvent[]
let mirrors: Mirror[]

const hosts = ['github', 'gitlab'] as const

async function start(kind: (typeof hosts)[number]): Promise<void> {
  dir = await mkdtemp(join(tmpdir(), 'sluice-change-'))
  sandbox = await startForge({ dataDir: join(dir, 'forge') })
  const { admin } = sandbox
  admin.createUser({ login: 'mona' })
  admin.createUser({ login: 'reviewer' })
  admin.createOrganization({ login: 'acme' })
  admin.addMember('acme', 'mona', 'admin')
  admin.addMember('acme', 'reviewer', 'admin')
  forge = createForge({ kind, host: sandbox.url, token: tokenFor('mona', kind), userAgent: 'sluice/test' })
  await admin.createRepository({ owner: 'acme', name: 'fleet' })
  events = []
  mirrors = []
  mirror = await another()
  await push({ count: '3\n', 'other.txt': 'x\n' })
}

afterEach(async () => {
  for (const one of mirrors) one.close()
  await forge.close()
  await sandbox.close()
  await rm(dir, { recursive: true, force: true })
})

function tokenFor(user: string, kind: (typeof hosts)[number]): Secret {
  return kind === 'gitlab'
    ? sandbox.admin.createGitLabToken({ user, scopes: ['api'] })
    : sandbox.admin.createToken({ user, kind: 'classic', scopes: ['repo'] })
}

async function another(): Promise<Mirror> {
  const made = await openMirror(join(dir, `mirror-${mirrors.length}`))
  mirrors.push(made)
  return made
}

/** A push by somebody else, past the protection when there is one yet. */
async function push(files: Record<string, string>, branch = 'main', who = 'Somebody'): Promise<string> {
  const changes = Object.entries(files).map(([path, content]) => ({ path, content }))
  const made = await writeFiles({
    mirror: await another(),
    remote: forge.remote('acme', 'fleet'),
    branch,
    message: 'by hand',
    author: { ...author, name: who },
    changes,
  })
  return made.commit!
}

const api = (method: string, path: string, body?: unknown) =>
  fetch(`${sandbox.apiUrl}/repos/acme/fleet${path}`, {
    method,
    headers: { authorization: `token ${tokenFor('reviewer', 'github').reveal()}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })

/** Protection as a person sets it; by GitHub's page or GitLab's, it is the same branch of the sandbox. */
const protect = () =>
  api('PUT', '/branches/main/protection', {
    required_status_checks: null,
    enforce_admins: true,
    required_pull_request_reviews: {},
    restrictions: null,
  })
const unprotect = () => api('DELETE', '/branches/main/protection')

function change(more: Partial<Change> = {}): Change {
  return {
    ...base,
    forge,
    mirror,
    remote: forge.remote('acme', 'fleet'),
    mode: 'auto',
    key,
    describe: () => ({ what: ['`md-0`: 3 → 5'], why: 'Asked for.', after: 'It is followed.' }),
    edit: () => [{ path: 'count', content: '5\n' }],
    message: 'Scale prod md-0 from 3 to 5\n',
    author,
    poll: { baseMs: 20, maxMs: 100 },
    reviewTimeoutMs: 60_000,
    onReview: event => void events.push(event),
    ...more,
  }
}

/** Waits for the request to be open, as a reviewer who gets a mail. */
const opened = () =>
  expect.poll(() => events.some(({ type }) => type === 'request-open'), { timeout: 20_000 }).toBe(true)

const read = async (path = 'count') => {
  const { commit } = await mirror.fetch(forge.remote('acme', 'fleet'), 'refs/heads/main')
  return (await mirror.tree(commit).read(path))?.toString()
}
const branches = async () => [...(await listRemoteRefs(forge.remote('acme', 'fleet'))).keys()]
const pulls = async () => (await (await api('GET', '/pulls?state=all')).json()) as Record<string, unknown>[]

describe.each(hosts)('a change of a protected branch on %s', kind => {
  beforeEach(() => start(kind))

  it.each(['merge', 'squash', 'rebase'] as const)('comes through a request that is merged by %s', async method => {
    await protect()
    const writing = writeChange(change())
    await opened()
    expect(await read()).toBe('3\n')
    // Something else is merged before, so that no method can keep the commit as it is.
    await unprotect()
    await push({ 'other.txt': 'y\n' })
    await protect()
    expect((await api('PUT', '/pulls/1/merge', { merge_method: method })).status).toBe(200)
    const result = await writing
    expect(result).toMatchObject({ pushed: true, paths: ['count'], request: { id: '1', state: 'merged', head } })
    expect(await read()).toBe('5\n')
    expect((await mirror.tree(result.commit!).read('count'))?.toString()).toBe('5\n')
    expect(await branches()).not.toContain(`refs/heads/${head}`)
    expect(events.map(({ type }) => type)).toEqual(['request-open', 'request-merged'])
  })

  it('says what, why, which files, who and what then', async () => {
    await protect()
    const stop = new AbortController()
    const writing = writeChange(change({ signal: stop.signal }))
    await opened()
    stop.abort(new Error('enough'))
    await expect(writing).rejects.toThrow('enough')
    const [pull] = await pulls()
    expect(pull).toMatchObject({ title: 'Scale prod md-0 from 3 to 5', head: { ref: head }, base: { ref: 'main' } })
    for (const words of ['`md-0`: 3 → 5', 'Asked for.', '`count`', '`Mona`', 'It is followed.'])
      expect(pull!['body']).toContain(words)
  })

  it('is found again by the next run, which goes on with it', async () => {
    await protect()
    const stop = new AbortController()
    const first = writeChange(change({ signal: stop.signal }))
    await opened()
    stop.abort(new Error('killed'))
    await expect(first).rejects.toThrow('killed')
    events = []
    const second = writeChange(change({ mirror: await another() }))
    await opened()
    expect(events[0]).toMatchObject({ type: 'request-open', found: true })
    await api('PUT', '/pulls/1/merge', { merge_method: 'squash' })
    expect(await second).toMatchObject({ pushed: true, request: { id: '1' } })
    expect(await pulls()).toHaveLength(1)
  })

  it('merged while nobody waited is seen as done, and its branch is swept', async () => {
    await protect()
    const stop = new AbortController()
    const first = writeChange(change({ signal: stop.signal }))
    await opened()
    stop.abort(new Error('killed'))
    await expect(first).rejects.toThrow('killed')
    await api('PUT', '/pulls/1/merge', { merge_method: 'squash' })
    const result = await writeChange(change({ mirror: await another() }))
    expect(result).toMatchObject({ pushed: true, request: { id: '1', state: 'merged' } })
    expect(await branches()).not.toContain(`refs/heads/${head}`)
    expect(await writeChange(change({ mirror: await another() }))).toMatchObject({ pushed: false, request: undefined })
  })

  it('that is closed unmerged is told as turned down; the next run opens a new one', async () => {
    await protect()
    const writing = writeChange(change())
    await opened()
    await api('PATCH', '/pulls/1', { state: 'closed' })
    await expect(writing).rejects.toMatchObject({
      code: 'E_FORGE_REQUEST_CLOSED',
      message: expect.stringContaining('Scale prod'),
    })
    expect(await read()).toBe('3\n')
    events = []
    const again = writeChange(change())
    await opened()
    await api('PUT', '/pulls/2/merge', { merge_method: 'merge' })
    expect(await again).toMatchObject({ request: { id: '2', state: 'merged' } })
  })

  it('is made anew when the base changes the same file, and stays one request', async () => {
    await protect()
    const writing = writeChange(
      change({ edit: async tree => [{ path: 'count', content: `${await tree.read('count')}5\n` }] }),
    )
    await opened()
    await unprotect()
    await push({ count: '4\n' })
    await protect()
    await expect.poll(() => events.map(({ type }) => type), { timeout: 20_000 }).toContain('request-rebased')
    expect(await pulls()).toHaveLength(1)
    const merged = await api('PUT', '/pulls/1/merge', { merge_method: 'rebase' })
    expect(merged.status).toBe(200)
    // An edit that always adds something is never done: what is merged is not what it asks for now.
    await expect(writing).rejects.toMatchObject({ code: 'E_FORGE_REQUEST_ALTERED' })
    expect(await read()).toBe('4\n5\n')
  })

  it('that would conflict with what the base has become is made anew, so that it can be merged', async () => {
    await protect()
    const writing = writeChange(change())
    await opened()
    await unprotect()
    await push({ count: '4\n' })
    await protect()
    await expect.poll(() => events.map(({ type }) => type), { timeout: 20_000 }).toContain('request-rebased')
    expect((await api('PUT', '/pulls/1/merge', { merge_method: 'merge' })).status).toBe(200)
    expect(await writing).toMatchObject({ pushed: true, request: { id: '1', state: 'merged' } })
    expect(await read()).toBe('5\n')
  })

  it('is not touched when the base changes something else', async () => {
    await protect()
    const writing = writeChange(change())
    await opened()
    const tip = async () => (await listRemoteRefs(forge.remote('acme', 'fleet'))).get(`refs/heads/${head}`)
    const before = await tip()
    await unprotect()
    await push({ 'other.txt': 'z\n' })
    await protect()
    await api('PUT', '/pulls/1/merge', { merge_method: 'squash', sha: before })
    expect(await writing).toMatchObject({ request: { state: 'merged' } })
    expect(events.map(({ type }) => type)).toEqual(['request-open', 'request-merged'])
  })

  it('that somebody alters is merged as it is, and told', async () => {
    await protect()
    const writing = writeChange(change())
    await opened()
    await push({ count: '4\n' }, head, 'Reviewer')
    await expect.poll(() => events.map(({ type }) => type), { timeout: 20_000 }).toContain('request-changed')
    await api('PUT', '/pulls/1/merge', { merge_method: 'squash' })
    await expect(writing).rejects.toMatchObject({ code: 'E_FORGE_REQUEST_ALTERED' })
    expect(await read()).toBe('4\n')
  })

  it('that comes another way closes the request', async () => {
    await protect()
    const writing = writeChange(change())
    await opened()
    await unprotect()
    const commit = await push({ count: '5\n' })
    expect(await writing).toMatchObject({ pushed: true, commit })
    expect(await pulls()).toMatchObject([{ state: 'closed', merged_at: null }])
    expect(await branches()).not.toContain(`refs/heads/${head}`)
  })

  it('ends at the time limit with the request open', async () => {
    await protect()
    await expect(writeChange(change({ reviewTimeoutMs: 1 }))).rejects.toMatchObject({
      code: 'E_FORGE_REQUEST_OPEN',
      retryable: true,
      message: expect.stringContaining(sandbox.url),
    })
    expect(await pulls()).toMatchObject([{ state: 'open' }])
  })

  it('goes through a request also when only the refused push tells of the rule', async () => {
    await protect()
    const blind = Object.assign(Object.create(forge) as Forge, { branchProtection: async () => undefined })
    const writing = writeChange(change({ forge: blind }))
    await opened()
    expect(events[0]).toMatchObject({ type: 'request-open', why: expect.stringMatching(/protected|Protected/) })
    await api('PUT', '/pulls/1/merge', { merge_method: 'squash' })
    expect((await writing).request?.state).toBe('merged')
  })

  it('is refused when requests are not wanted, and nothing is made', async () => {
    await protect()
    await expect(writeChange(change({ mode: 'never' }))).rejects.toMatchObject({
      code: 'E_GIT_BRANCH_PROTECTED',
      next: expect.stringContaining('--pull-request'),
    })
    expect(await branches()).toEqual(expect.not.arrayContaining([`refs/heads/${head}`]))
  })

  it('asked for by two runs at once makes one branch and one request', async () => {
    await protect()
    const runs = [writeChange(change()), writeChange(change({ mirror: await another() }))]
    await expect.poll(() => events.filter(({ type }) => type === 'request-open').length, { timeout: 20_000 }).toBe(2)
    expect(await pulls()).toHaveLength(1)
    await api('PUT', '/pulls/1/merge', { merge_method: 'squash' })
    for (const result of await Promise.all(runs)) expect(result).toMatchObject({ pushed: true, request: { id: '1' } })
    expect(await read()).toBe('5\n')
  })
})

describe('a change of an open branch', () => {
  beforeEach(() => start('github'))

  it('is pushed, and makes no request', async () => {
    expect(await writeChange(change())).toMatchObject({ pushed: true, request: undefined })
    expect(await pulls()).toEqual([])
  })

  it('that wants signatures is told of the signing key, and takes a signed commit of the named people', async () => {
    await api('PUT', '/branches/main/protection', {
      required_status_checks: null,
      enforce_admins: true,
      required_pull_request_reviews: null,
      restrictions: null,
    })
    await api('POST', '/branches/main/protection/required_signatures')
    const refused = writeChange(change())
    await expect(refused).rejects.toMatchObject({
      code: 'E_GIT_BRANCH_PROTECTED',
      next: expect.stringContaining('--signing-key'),
    })
    expect(await pulls()).toEqual([])
    await unprotect()
    const committer = { name: 'Robot', email: 'robot@example.com' }
    const signer = async () => '-----BEGIN SSH SIGNATURE-----\nx\n-----END SSH SIGNATURE-----\n'
    const { commit } = await writeChange(change({ signer, committer }))
    const shown = await runGit(['cat-file', 'commit', commit!], { gitDir: mirror.dir })
    expect(shown.stdout.toString()).toMatch(
      /author Mona <mona@example.com> \d+ \+0000\ncommitter Robot <robot@example.com> \d+ \+0000\ngpgsig -----BEGIN SSH SIGNATURE-----\n x\n -----END/,
    )
  })

  it('whose request could not be opened is taken up by the next run on the same branch', async () => {
    await protect()
    sandbox.misbehave({ match: 'POST /api/v3/repos/acme/fleet/pulls', status: 502, body: { message: 'busy' } })
    await expect(writeChange(change())).rejects.toMatchObject({ code: 'E_FORGE_SERVER_ERROR' })
    const tip = async () => (await listRemoteRefs(forge.remote('acme', 'fleet'))).get(`refs/heads/${head}`)
    const pushed = await tip()
    expect(pushed).toBeDefined()
    const writing = writeChange(change({ mirror: await another() }))
    await opened()
    expect(await tip()).toBe(pushed)
    await api('PUT', '/pulls/1/merge', { merge_method: 'squash' })
    expect((await writing).request?.state).toBe('merged')
  })

  it('is waited for while the host is away for a moment, which is told', async () => {
    await protect()
    const writing = writeChange(change())
    await opened()
    sandbox.misbehave({ match: '/fleet.git/info/refs', times: 3, status: 503, body: 'busy' })
    await expect.poll(() => events.map(({ type }) => type), { timeout: 20_000 }).toContain('host-away')
    await api('PUT', '/pulls/1/merge', { merge_method: 'squash' })
    expect((await writing).request?.state).toBe('merged')
    expect(events.at(-1)?.type).toBe('request-merged')
  })

  it('is waited for while the host asks for a rest, or shows a page of its maintenance', async () => {
    await protect()
    const { url, auth } = forge.remote('acme', 'fleet')
    const token = (auth as { password: Secret }).password
    const impatient = createForge({
      kind: 'github',
      host: new URL(url).origin,
      token,
      userAgent: 'sluice/test',
      maxWaitMs: 0,
    })
    const writing = writeChange(change({ forge: impatient }))
    await opened()
    const away = () => events.filter(({ type }) => type === 'host-away').length
    const back = () => events.filter(({ type }) => type === 'host-back').length
    const match = '/api/v3/repos/acme/fleet/pulls/1'
    sandbox.misbehave({ match, status: 429, headers: { 'retry-after': '1' }, body: { message: 'slow down' } })
    await expect.poll(() => [away(), back()], { timeout: 20_000 }).toEqual([1, 1])
    sandbox.misbehave({ match, status: 200, body: '<title>Back soon</title>' })
    await expect.poll(() => [away(), back()], { timeout: 20_000 }).toEqual([2, 2])
    await api('PUT', '/pulls/1/merge', { merge_method: 'squash' })
    expect((await writing).request?.state).toBe('merged')
    await impatient.close()
  })

  it('by a token that may not open requests is told before, by the right that is missing', async () => {
    await protect()
    const permissions = { contents: 'write', administration: 'read', metadata: 'read' } as const
    const token = sandbox.admin.createToken({ user: 'mona', kind: 'fine-grained', permissions, resourceOwner: 'acme' })
    const narrow = createForge({ kind: 'github', host: sandbox.url, token, userAgent: 'sluice/test' })
    const lines: CheckLine[] = []
    const target = { owner: 'acme', personal: false, repository: 'fleet', branch: 'main', review: true }
    for await (const line of narrow.check(target)) lines.push(line)
    expect(lines.filter(({ status }) => status === 'fail')).toMatchObject([
      { code: 'E_TOKEN_SCOPE', fix: expect.stringContaining('the right to read and write pull requests') },
    ])
    await expect(writeChange(change({ forge: narrow }))).rejects.toMatchObject({ code: 'E_TOKEN_SCOPE' })
    await narrow.close()
  })

  it('goes through a request when that is asked for', async () => {
    const writing = writeChange(change({ mode: 'always' }))
    await opened()
    await api('PUT', '/pulls/1/merge', { merge_method: 'merge' })
    expect(await writing).toMatchObject({ request: { state: 'merged' } })
  })

  it('in an empty repository is the first commit, whatever was asked for', async () => {
    await sandbox.admin.createRepository({ owner: 'acme', name: 'empty' })
    const remote = forge.remote('acme', 'empty')
    const result = await writeChange(change({ mode: 'always', repository: 'empty', remote, mirror: await another() }))
    expect(result).toMatchObject({ pushed: true, request: undefined })
  })
})

describe('a host without requests', () => {
  beforeEach(() => start('github'))

  it('gets the branch, and the person is told to merge it; the next run goes on', async () => {
    await protect()
    const { url, auth } = forge.remote('acme', 'fleet')
    const { username, password } = auth as { username: string; password: Secret }
    const plain = createForge({ kind: 'git', url, username, token: password })
    const by = { forge: plain, remote: plain.remote('acme', 'fleet') }
    await expect(writeChange(change(by))).rejects.toMatchObject({
      code: 'E_FORGE_REQUEST_BY_HAND',
      next: `Merge ${head} into main by hand, then run the same command again: it goes on from there.`,
    })
    expect(await branches()).toContain(`refs/heads/${head}`)
    await api('POST', '/pulls', { title: 'by hand', head, base: 'main' })
    await api('PUT', '/pulls/1/merge', { merge_method: 'squash' })
    expect(await writeChange(change({ ...by, mirror: await another() }))).toMatchObject({ pushed: false })
  })
})

describe('the text of a request', () => {
  beforeEach(() => start('github'))

  it('keeps to the bounds of every host and lets nothing of a name become markup', () => {
    const paths = Array.from({ length: 5000 }, (_, i) => `clusters/\`@everyone\`/${i}.yaml`)
    const text = { what: ['a\nb'], why: 'w', after: 'x' }
    const body = requestBody(text, { paths, base: 'main', author: { name: '`@boss`\n# x', email: 'x' } }, 4000)
    expect(body.length).toBeLessThanOrEqual(4000)
    expect(requestBody(text, { paths, base: 'main', author }, 60_000)).toContain('and 4900 more')
    expect(body).not.toContain('`@everyone`')
    expect(requestTitle(`${'long '.repeat(100)}\n\nbody`).length).toBeLessThanOrEqual(255)
    expect(requestBranch('main', 'scale prod md-0=5')).toMatch(/^sluice\/scale-prod-md-0-5-[0-9a-f]{8}$/)
    expect(requestBranch('main', '../..//x')).toMatch(/^sluice\/x-/)
    expect(requestBranch('main', 'a')).not.toBe(requestBranch('next', 'a'))
  })
})

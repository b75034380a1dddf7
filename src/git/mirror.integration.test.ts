import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type SandboxForge, startForge } from '../sandbox/forge/index.ts'
import { Secret } from '../secrets/secret.ts'
import {
  type CommitRequest,
  commitFiles,
  type GitRemote,
  listRemoteRefs,
  type Mirror,
  openMirror,
  runGit,
  writeFiles,
} from './index.ts'

let dir: string
let forge: SandboxForge
let remote: GitRemote
let mirror: Mirror
const mirrors: Mirror[] = []
const author = { name: 'Sluice', email: 'sluice@example.com' }

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sluice-mirror-'))
  forge = await startForge({ dataDir: join(dir, 'forge') })
  forge.admin.createUser({ login: 'mona' })
  const token = forge.admin.createToken({ user: 'mona', kind: 'classic', scopes: ['repo'] })
  await forge.admin.createRepository({ owner: 'mona', name: 'fleet' })
  remote = { url: `${forge.url}/mona/fleet.git`, auth: { kind: 'basic', username: 'mona', password: token } }
  mirror = await newMirror('mirror')
})

afterEach(async () => {
  for (const open of mirrors.splice(0)) open.close()
  await forge.close()
  await rm(dir, { recursive: true, force: true })
})

async function newMirror(name: string): Promise<Mirror> {
  const made = await openMirror(join(dir, name))
  mirrors.push(made)
  return made
}

function request(changes: Record<string, string | undefined>, more: Partial<CommitRequest> = {}) {
  const list = Object.entries(changes).map(([path, content]) => ({ path, content }))
  return { mirror, remote, branch: 'main', message: 'change', author, changes: list, ...more }
}

describe('a commit', () => {
  it('makes the first commit of an empty repository', async () => {
    const made = await writeFiles(request({ 'clusters/prod/a.yaml': 'a: 1\n', 'README.md': 'hi' }))
    expect(made).toMatchObject({ pushed: true, tries: 1, paths: ['README.md', 'clusters/prod/a.yaml'] })
    expect((await listRemoteRefs(remote)).get('refs/heads/main')).toBe(made.commit)
    const { commit } = await (await newMirror('other')).fetch(remote, 'refs/heads/main')
    expect(commit).toBe(made.commit)
  })

  it('is not made when the branch has the content already', async () => {
    const first = await writeFiles(request({ 'a.txt': 'one' }))
    expect(await writeFiles(request({ 'a.txt': 'one', 'gone.txt': undefined }))).toMatchObject({
      pushed: false,
      commit: first.commit,
    })
  })

  it('starts a missing branch from the default branch', async () => {
    const first = await writeFiles(request({ 'a.txt': 'one' }))
    const made = await writeFiles(request({ 'b.txt': 'two' }, { branch: 'change/1' }))
    expect((await mirror.commit(made.commit!))?.parents).toEqual([first.commit])
    expect(await mirror.tree(made.commit!).read('a.txt')).toEqual(Buffer.from('one'))
  })

  it('computes the edit again when somebody else pushed first', async () => {
    await writeFiles(request({ count: '0' }))
    const others = await Promise.all([1, 2, 3].map(i => newMirror(`other-${i}`)))
    const add = (from: Mirror) =>
      // A remote of its own, so that the pushes race on the server and not in the queue of this process.
      commitFiles({
        ...request({}),
        mirror: from,
        remote: { ...remote, url: remote.url.replace('mona', others.indexOf(from) % 2 ? 'Mona' : 'mona') },
        edit: async tree => [{ path: 'count', content: String(Number(await tree.read('count')) + 1) }],
      })
    await Promise.all(others.flatMap(other => [add(other), add(other)]))
    const { commit } = await mirror.fetch(remote, 'refs/heads/main')
    expect((await mirror.tree(commit).read('count'))?.toString()).toBe('6')
  })

  it('has the tree id that git itself gives to the same files', async () => {
    const made = await writeFiles(request({ 'a/b/c.txt': '1', 'a.txt': '2', 'a-b': '3', 'a/b.txt': '4' }))
    const listed = await runGit(['ls-tree', '-r', '--name-only', made.commit!], { gitDir: mirror.dir })
    expect(listed.stdout.toString().trim().split('\n')).toEqual(['a-b', 'a.txt', 'a/b.txt', 'a/b/c.txt'])
    const fsck = await runGit(['fsck', '--strict', '--no-dangling', made.commit!], { gitDir: mirror.dir })
    expect(fsck.exitCode).toBe(0)
  })
})

describe('a fetch', () => {
  it('brings what is new and says whether the ref moved', async () => {
    const first = await writeFiles(request({ 'a.txt': 'one' }))
    const reader = await newMirror('reader')
    expect(await reader.fetch(remote, 'refs/heads/main')).toEqual({
      commit: first.commit,
      ref: 'refs/heads/main',
      changed: true,
    })
    expect(await reader.fetch(remote, 'refs/heads/main')).toMatchObject({ changed: false })
    const second = await writeFiles(request({ 'a.txt': 'two' }))
    expect(await reader.fetch(remote, 'refs/heads/main', { commit: second.commit! })).toMatchObject({
      commit: second.commit,
      changed: true,
    })
    expect((await reader.log(second.commit!)).map(entry => entry.sha)).toEqual([second.commit, first.commit])
    expect(await reader.diff(first.commit!, second.commit!)).toMatchObject([{ path: 'a.txt', kind: 'changed' }])
  })

  it('brings one commit by its id, also an old one', async () => {
    const first = await writeFiles(request({ 'a.txt': 'one' }))
    await writeFiles(request({ 'a.txt': 'two' }))
    const reader = await newMirror('reader')
    expect(await reader.fetch(remote, first.commit!)).toMatchObject({ commit: first.commit })
    expect((await reader.tree(first.commit!).read('a.txt'))?.toString()).toBe('one')
    await expect(reader.fetch(remote, '1'.repeat(40))).rejects.toMatchObject({ code: 'E_GIT_REF_NOT_FOUND' })
  })

  it('goes by the ref when the commit that was told is not there', async () => {
    const { commit } = await writeFiles(request({ 'a.txt': 'one' }))
    expect(await mirror.fetch(remote, 'refs/heads/main', { commit: '1'.repeat(40) })).toMatchObject({ commit })
  })

  it('tells an empty repository, a missing branch and a missing repository apart', async () => {
    await expect(mirror.fetch(remote, 'refs/heads/main')).rejects.toMatchObject({ code: 'E_GIT_EMPTY_REPOSITORY' })
    await writeFiles(request({ 'a.txt': 'one' }))
    await expect(mirror.fetch(remote, 'refs/heads/other')).rejects.toMatchObject({ code: 'E_GIT_REF_NOT_FOUND' })
    const missing = { ...remote, url: `${forge.url}/mona/nothing.git` }
    await expect(mirror.fetch(missing, 'refs/heads/main')).rejects.toMatchObject({ code: 'E_GIT_REPOSITORY_NOT_FOUND' })
  })

  it('survives leftovers and damage of a killed process', async () => {
    const { commit } = await writeFiles(request({ 'a.txt': 'one' }))
    const reader = await newMirror('reader')
    await reader.fetch(remote, 'refs/heads/main')
    await writeFile(join(dir, 'reader/shallow.lock'), '')
    const again = await newMirror('reader')
    expect(await again.fetch(remote, 'refs/heads/main')).toMatchObject({ commit })
    for (const folder of await readdir(join(dir, 'reader/objects'))) {
      await rm(join(dir, 'reader/objects', folder), { recursive: true, force: true })
    }
    again.close()
    const third = await newMirror('reader')
    expect(await third.fetch(remote, 'refs/heads/main')).toMatchObject({ commit })
    expect(await third.tree(commit!).read('a.txt')).toEqual(Buffer.from('one'))
  })
})

describe('a damaged copy', () => {
  it('is never read as if a file were missing, and the next fetch makes it whole', async () => {
    const { commit } = await writeFiles(request({ 'a.txt': 'one', 'b.txt': 'two' }))
    for (const damage of ['garbage', undefined]) {
      const reader = await newMirror('reader')
      await reader.fetch(remote, 'refs/heads/main')
      const packs = join(reader.dir, 'objects/pack')
      const [pack = ''] = (await readdir(packs)).filter(name => name.endsWith('.pack'))
      await reader.treeDigest(commit!, 'a.txt')
      reader.close()
      await rm(join(packs, pack))
      if (damage !== undefined) await writeFile(join(packs, pack), damage)
      await expect(reader.tree(commit!).read('a.txt')).rejects.toMatchObject({ code: 'E_GIT_MIRROR_DAMAGED' })
      expect(await reader.fetch(remote, 'refs/heads/main')).toMatchObject({ commit })
      expect((await reader.tree(commit!).read('a.txt'))?.toString()).toBe('one')
    }
  })

  it('of a shallow kind can be deepened for a longer log', async () => {
    for (const text of ['1', '2', '3', '4']) await writeFiles(request({ 'a.txt': text }))
    const reader = await newMirror('reader')
    const { commit } = await reader.fetch(remote, 'refs/heads/main')
    expect(await reader.log(commit)).toHaveLength(1)
    await reader.fetch(remote, 'refs/heads/main', { deepen: 2 })
    expect(await reader.log(commit, { path: 'a.txt' })).toHaveLength(3)
  })
})

describe('a refused exchange', () => {
  const wrongToken = () =>
    ({ ...remote, auth: { kind: 'basic', username: 'x', password: Secret.of('ghp_wrong'.padEnd(40, '0')) } }) as const

  it('names a wrong token, for reading and for writing', async () => {
    await expect(listRemoteRefs(wrongToken())).rejects.toMatchObject({ code: 'E_GIT_AUTHENTICATION' })
    await writeFiles(request({ 'a.txt': 'one' }))
    const other = await newMirror('other')
    await expect(
      writeFiles(request({ 'a.txt': 'two' }, { mirror: other, remote: wrongToken() })),
    ).rejects.toMatchObject({ code: 'E_GIT_AUTHENTICATION' })
  })

  it('names a token that can only read, in the words of the server', async () => {
    await writeFiles(request({ 'a.txt': 'one' }))
    const token = forge.admin.createToken({ user: 'mona', kind: 'fine-grained', permissions: { contents: 'read' } })
    const reader = { ...remote, auth: { kind: 'bearer', token } } as const
    const other = await newMirror('other')
    await other.fetch(reader, 'refs/heads/main')
    await expect(writeFiles(request({ 'a.txt': 'two' }, { mirror: other, remote: reader }))).rejects.toMatchObject({
      code: 'E_GIT_FORBIDDEN',
      message: expect.stringContaining('Write access to repository not granted'),
    })
  })

  it('names a protected branch', async () => {
    await writeFiles(request({ 'a.txt': 'one' }))
    await fetch(`${forge.apiUrl}/repos/mona/fleet/branches/main/protection`, {
      method: 'PUT',
      headers: { authorization: `token ${(remote.auth as { password: Secret }).password.reveal()}` },
      body: JSON.stringify({
        required_status_checks: null,
        enforce_admins: true,
        required_pull_request_reviews: {},
        restrictions: null,
      }),
    })
    await expect(writeFiles(request({ 'a.txt': 'two' }))).rejects.toMatchObject({
      code: 'E_GIT_BRANCH_PROTECTED',
      message: expect.stringContaining('Changes must be made through a pull request'),
    })
  })

  it.each([
    [
      'a login page',
      { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Sign in</html>' },
      'E_GIT_NOT_A_GIT_SERVER',
    ],
    [
      'a redirect to another host',
      { status: 302, headers: { location: 'http://127.0.0.1:9/login' } },
      'E_GIT_REDIRECTED',
    ],
    ['a moved repository', { status: 301, headers: { location: '/mona/other.git/info/refs' } }, 'E_GIT_REDIRECTED'],
    ['a fault of the server', { status: 503, body: 'busy' }, 'E_GIT_SERVER_ERROR'],
    ['too many requests', { status: 429, body: 'slow down' }, 'E_GIT_SERVER_ERROR'],
    ['a cut connection', { drop: true }, 'E_GIT_UNREACHABLE'],
  ] as const)('names %s', async (_name, fault, code) => {
    forge.misbehave({ match: 'info/refs', times: 9, ...fault })
    await expect(mirror.fetch(remote, 'refs/heads/main')).rejects.toMatchObject({ code })
  })

  it('names a server that is not there', async () => {
    await expect(listRemoteRefs({ url: 'http://127.0.0.1:9/a/b.git' })).rejects.toMatchObject({
      code: 'E_GIT_UNREACHABLE',
      retryable: true,
    })
  })

  it('ends when it is stopped, with the whole process group', async () => {
    forge.misbehave({ match: 'info/refs', delayMs: 5000 })
    const stop = new AbortController()
    const fetching = mirror.fetch(remote, 'refs/heads/main', { signal: stop.signal })
    await new Promise(resolve => setTimeout(resolve, 150))
    stop.abort(new Error('enough'))
    await expect(fetching).rejects.toThrow('enough')
    await expect.poll(() => gitProcesses(mirror.dir), { timeout: 2000 }).toEqual([])
  })

  it('ends at its time limit', async () => {
    forge.misbehave({ match: 'info/refs', delayMs: 2000 })
    await expect(mirror.fetch(remote, 'refs/heads/main', { timeoutMs: 200 })).rejects.toMatchObject({
      code: 'E_TIMEOUT',
    })
  })
})

/** Ids of processes that fetch into a repository. */
function gitProcesses(gitDir: string): string[] {
  return readdirSync('/proc').filter(name => {
    try {
      return (
        /^\d+$/.test(name) &&
        readFileSync(`/proc/${name}/environ`, 'latin1').includes(`GIT_DIR=${gitDir}\0`) &&
        !readFileSync(`/proc/${name}/cmdline`, 'latin1').includes('cat-file')
      )
    } catch {
      return false
    }
  })
}

describe('a transfer that breaks', () => {
  it('at any byte of the pack leaves nothing behind, and the next fetch works', async () => {
    const noise = Array.from({ length: 40 }, (_, i) => [`f${i}`, randomBytes(600).toString('base64')])
    const { commit } = await writeFiles(request(Object.fromEntries(noise)))
    const reader = await newMirror('reader')
    for (const afterBytes of [1, 4, 20, 300, 5000, 12_000]) {
      forge.misbehave({ match: 'POST /mona/fleet.git/git-upload-pack', after: 1, drop: { afterBytes } })
      await expect(reader.fetch(remote, 'refs/heads/main'), String(afterBytes)).rejects.toMatchObject({
        code: expect.stringMatching(/^E_GIT_(TRANSFER_BROKEN|UNREACHABLE)$/),
      })
      forge.behave()
    }
    expect(await reader.fetch(remote, 'refs/heads/main')).toMatchObject({ commit })
    expect((await runGit(['fsck', '--full', '--no-dangling'], { gitDir: reader.dir })).exitCode).toBe(0)
    expect((await readdir(join(reader.dir, 'objects/pack'))).filter(name => name.startsWith('tmp_'))).toEqual([])
  })

  it('because git is killed at any moment never breaks the next fetch', async () => {
    const noise = Array.from({ length: 200 }, (_, i) => [`f${i}`, randomBytes(600).toString('base64')])
    const { commit } = await writeFiles(request(Object.fromEntries(noise)))
    const reader = await newMirror('reader')
    for (let ms = 0; ms < 60; ms += 3) {
      const stop = new AbortController()
      setTimeout(() => stop.abort(new Error('killed')), ms)
      await reader
        .fetch(remote, 'refs/heads/main', { signal: stop.signal })
        .catch(error => expect(error.message).toBe('killed'))
    }
    expect(await reader.fetch(remote, 'refs/heads/main')).toMatchObject({ commit })
    expect((await runGit(['fsck', '--full', '--no-dangling'], { gitDir: reader.dir })).exitCode).toBe(0)
  })
})

describe('history that was rewritten on the server', () => {
  it('is taken over: the new tip counts, also when it is older', async () => {
    const first = await writeFiles(request({ 'a.txt': 'one' }))
    await writeFiles(request({ 'a.txt': 'two' }))
    const reader = await newMirror('reader')
    await reader.fetch(remote, 'refs/heads/main')
    const rewind = await runGit(
      [
        'push',
        '-qf',
        `${forge.url.replace('//', `//x:${(remote.auth as { password: Secret }).password.reveal()}@`)}/mona/fleet.git`,
        `${first.commit}:refs/heads/main`,
      ],
      { gitDir: mirror.dir, config: [['protocol.http.allow', 'always']] },
    )
    expect(rewind.exitCode).toBe(0)
    expect(await reader.fetch(remote, 'refs/heads/main')).toMatchObject({ commit: first.commit, changed: true })
    // The writer does not know of it yet: the server tells it, and the edit runs on the real tip.
    const next = await commitFiles({
      ...request({}),
      edit: async tree => [{ path: 'seen', content: (await tree.read('a.txt')) ?? '' }],
    })
    expect((await mirror.commit(next.commit!))?.parents).toEqual([first.commit])
  })
})

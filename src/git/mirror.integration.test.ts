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

describe('a refused exchange', () => {
  it('names a wrong token', async () => {
    const wrong = {
      ...remote,
      auth: { kind: 'basic', username: 'x', password: Secret.of('ghp_wrong'.padEnd(40, '0')) },
    } as const
    await expect(listRemoteRefs(wrong)).rejects.toMatchObject({ code: 'E_GIT_AUTHENTICATION' })
  })
})

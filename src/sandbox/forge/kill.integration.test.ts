import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { listRemoteRefs, openMirror, runGit, writeFiles } from '../../git/index.ts'
import type { Secret } from '../../secrets/secret.ts'
import { startForge } from './index.ts'

let dir: string
let program: string
const children: ChildProcess[] = []

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sluice-kill-'))
  program = join(dir, 'victim.mjs')
  await symlink(resolve('node_modules'), join(dir, 'node_modules'))
  const entryPoints = [resolve('src/sandbox/forge/victim.ts')]
  await build({
    entryPoints,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    outfile: program,
    logLevel: 'error',
  })
})

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})
afterAll(() => rm(dir, { recursive: true, force: true }))

/** Starts a victim and waits for its first line. */
async function start(args: string[], env: Record<string, string> = {}): Promise<{ child: ChildProcess; line: string }> {
  const child = spawn(process.execPath, [program, ...args], {
    env: { PATH: process.env['PATH']!, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  const [chunk] = await once(child.stdout!, 'data')
  return { child, line: String(chunk).trim() }
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

async function withForge<T>(
  dataDir: string,
  work: (forge: Awaited<ReturnType<typeof startForge>>, token: Secret) => Promise<T>,
): Promise<T> {
  const forge = await startForge({ dataDir })
  try {
    forge.admin.createUser({ login: 'mona' })
    return await work(forge, forge.admin.createToken({ user: 'mona', kind: 'classic', scopes: ['repo'] }))
  } finally {
    await forge.close()
  }
}

describe('a forge that is killed', () => {
  it('while it creates repositories shows whole repositories or none, and leaves no folder behind', async () => {
    const dataDir = join(dir, 'forge')
    const token = await withForge(dataDir, async (_forge, made) => made)
    for (let round = 0; round < 6; round++) {
      const { child, line } = await start(['forge', dataDir])
      const create = (name: string) =>
        fetch(`http://127.0.0.1:${line}/api/v3/user/repos`, {
          method: 'POST',
          headers: { authorization: `token ${token.reveal()}`, 'user-agent': 'test' },
          body: JSON.stringify({ name, auto_init: true }),
        }).catch(() => undefined)
      const asked = Array.from({ length: 8 }, (_, i) => create(`r${round}-${i}`))
      await pause(10 + round * 9)
      await kill(child)
      const told = (await Promise.all(asked)).filter(answer => answer?.status === 201).length
      await withForge(dataDir, async (forge, fresh) => {
        const list = (await (
          await fetch(`${forge.apiUrl}/user/repos?per_page=100`, {
            headers: { authorization: `token ${fresh.reveal()}`, 'user-agent': 'test' },
          })
        ).json()) as { name: string; clone_url: string }[]
        const mine = list.filter(repository => repository.name.startsWith(`r${round}-`))
        expect(mine.length).toBeGreaterThanOrEqual(told)
        expect(await readdir(join(dataDir, 'repositories'))).toHaveLength(list.length)
        for (const { clone_url: url } of mine) await listRemoteRefs({ url, auth: { kind: 'bearer', token: fresh } })
      })
    }
  })
})

describe('a mirror whose process is killed', () => {
  it('while it fetches is complete after the next fetch, every time', async () => {
    await withForge(join(dir, 'source'), async (forge, token) => {
      await forge.admin.createRepository({ owner: 'mona', name: 'fleet' })
      const remote = { url: `${forge.url}/mona/fleet.git`, auth: { kind: 'bearer', token } } as const
      const writer = await openMirror(join(dir, 'writer'))
      const author = { name: 'a', email: 'a@b' }
      const change = (i: number) =>
        Array.from({ length: 30 }, (_, n) => ({ path: `f${n}`, content: `${i}${randomBytes(800).toString('base64')}` }))
      for (let round = 0; round < 6; round++) {
        const { commit } = await writeFiles({
          mirror: writer,
          remote,
          branch: 'main',
          message: 'm',
          author,
          changes: change(round),
        })
        const { child } = await start(['mirror', join(dir, 'copy'), remote.url], { VICTIM_TOKEN: token.reveal() })
        await pause(round * 7)
        await kill(child)
        const mirror = await openMirror(join(dir, 'copy'))
        expect(await mirror.fetch(remote, 'refs/heads/main')).toMatchObject({ commit })
        expect((await runGit(['fsck', '--no-dangling'], { gitDir: mirror.dir })).exitCode).toBe(0)
        mirror.close()
      }
      writer.close()
    })
  })
})

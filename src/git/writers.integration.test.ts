import { spawn } from 'node:child_process'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type SandboxForge, startForge } from '../sandbox/forge/index.ts'
import type { Secret } from '../secrets/secret.ts'
import { openMirror, runGit } from './index.ts'

const writers = 10
const rounds = 4

let dir: string
let program: string
let forge: SandboxForge
let token: Secret

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sluice-writers-'))
  program = join(dir, 'writer.mjs')
  await symlink(resolve('node_modules'), join(dir, 'node_modules'))
  const options = { bundle: true, platform: 'node', format: 'esm', packages: 'external', logLevel: 'error' } as const
  await build({ ...options, entryPoints: [resolve('src/git/testing/writer.ts')], outfile: program })
  forge = await startForge({ dataDir: join(dir, 'forge') })
  forge.admin.createUser({ login: 'mona' })
  token = forge.admin.createToken({ user: 'mona', kind: 'classic', scopes: ['repo'] })
  await forge.admin.createRepository({ owner: 'mona', name: 'fleet' })
})
afterAll(async () => {
  await forge.close()
  await rm(dir, { recursive: true, force: true })
})

async function writer(id: string): Promise<{ code: number | null; tries: number; said: string }> {
  const args = [program, join(dir, `mirror-${id}`), `${forge.url}/mona/fleet.git`, id, String(rounds)]
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env['PATH']!, WRITER_TOKEN: token.reveal() },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<number | null>(done => child.once('close', done))
  const [out, said, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  return { code, tries: Number(out), said }
}

describe(`${writers} processes that write to one branch at the same time`, () => {
  it('land every commit once, lose none, and run their edit on what the others left', async () => {
    const ends = await Promise.all(Array.from({ length: writers }, (_, i) => writer(`w${i}`)))
    for (const { code, said } of ends) expect(code, said).toBe(0)
    // They did meet: else this shows nothing.
    expect(ends.reduce((sum, { tries }) => sum + tries, 0)).toBeGreaterThan(writers * rounds)

    const mirror = await openMirror(join(dir, 'reader'))
    const remote = { url: `${forge.url}/mona/fleet.git`, auth: { kind: 'bearer', token } } as const
    const { commit } = await mirror.fetch(remote, 'refs/heads/main', { depth: Number.POSITIVE_INFINITY })
    const tree = mirror.tree(commit)
    expect((await tree.read('count'))?.toString()).toBe(String(writers * rounds))
    const expected = Array.from({ length: writers }, (_, i) =>
      Array.from({ length: rounds }, (_, round) => `w${i}-${round}`),
    ).flat()
    expect((await tree.list('log')).map(({ name }) => name)).toEqual([...expected].sort())
    const log = await mirror.log(commit, { limit: 1000 })
    expect(log.map(({ subject }) => subject).sort()).toEqual([...expected].sort())
    expect(log.every(({ parents }) => parents.length <= 1)).toBe(true)
    expect((await runGit(['fsck', '--strict', '--no-dangling', commit], { gitDir: mirror.dir })).exitCode).toBe(0)
    mirror.close()
  })
})

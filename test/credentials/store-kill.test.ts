import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SecretStore } from '../../src/secrets/store.ts'
import { runSluice } from '../harness/run-sluice.ts'

const preload = fileURLToPath(new URL('kill-at.mjs', import.meta.url))
let dir: string
let store: SecretStore
const token = (letter: string) => `glpat-${letter.repeat(20)}`

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sluice-kill-'))
  store = new SecretStore({ path: join(dir, 'data/credentials/store.json'), keyFile: join(dir, 'key/store.key') })
})
afterAll(() => rm(dir, { recursive: true, force: true }))

const run = (args: string[], killAt?: number) =>
  runSluice(['credential', ...args, '--data', join(dir, 'data')], {
    env: {
      SLUICE_KEY_FILE: store.keyFile,
      ...(killAt === undefined ? {} : { NODE_OPTIONS: `--import ${preload}`, KILL_AT: String(killAt) }),
    },
  })
const add = async (host: string, letter: string, killAt?: number) => {
  await writeFile(join(dir, 'token'), token(letter), { mode: 0o600 })
  return run(['add', host, '--kind', 'gitlab', '--no-check', '--token-file', join(dir, 'token')], killAt)
}
const reveal = async (name: string) => (await store.open(name)).value.secret.reveal()

describe('a command on the store that is ended with SIGKILL before any of its writes', () => {
  it('loses nothing while it adds: what was there opens, and the same command adds', async () => {
    let kills = 0
    for (let nth = 0; ; nth++) {
      const host = `h${nth}.example`
      const { signal, code, stderr } = await add(host, 'a', nth)
      const names = (await store.list()).map(meta => meta.name)
      for (const name of names) expect(await reveal(name)).toBe(token('a'))
      if (signal !== 'SIGKILL') {
        expect([code, stderr.includes('error')]).toEqual([0, false])
        break
      }
      kills++
      if (!names.includes(host)) expect((await add(host, 'a')).code).toBe(0)
      expect(await reveal(host)).toBe(token('a'))
    }
    expect(kills).toBeGreaterThan(4)
  })

  it('loses nothing while it seals anew: either key opens, and the next run ends it', async () => {
    let kills = 0
    for (let nth = 0; ; nth++) {
      const { signal, code } = await run(['rekey'], nth)
      for (const meta of await store.list()) expect(await reveal(meta.name)).toBe(token('a'))
      if (signal !== 'SIGKILL') {
        expect(code).toBe(0)
        break
      }
      kills++
    }
    expect(kills).toBeGreaterThan(4)
    expect(await readdir(join(dir, 'key'))).toEqual(['store.key'])
  })

  it('loses nothing while it removes', async () => {
    const before = (await store.list()).length
    for (let nth = 0; ; nth++) {
      const { signal } = await run(['remove', 'h0.example', '--yes'], nth)
      for (const meta of await store.list()) expect(await reveal(meta.name)).toBe(token('a'))
      if (signal !== 'SIGKILL') break
    }
    expect((await store.list()).length).toBe(before - 1)
  })
})

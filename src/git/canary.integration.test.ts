import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { jsonLogger } from '../base/log.ts'
import { createGitHubForge } from '../forges/index.ts'
import { type SandboxForge, startForge } from '../sandbox/forge/index.ts'
import type { Secret } from '../secrets/secret.ts'
import { listRemoteRefs, openMirror, writeFiles } from './index.ts'

let dir: string
let forge: SandboxForge
let token: Secret
const said: string[] = []

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sluice-canary-'))
  forge = await startForge({ dataDir: join(dir, 'forge'), logger: jsonLogger(line => said.push(line), 'debug') })
  forge.admin.createUser({ login: 'mona' })
  token = forge.admin.createToken({ user: 'mona', kind: 'classic', scopes: ['repo'] })
})

afterAll(async () => {
  await forge.close()
  await rm(dir, { recursive: true, force: true })
})

/** The arguments of every process of the machine, as often as this process gets to look. */
function watchArguments(): { stop: () => string } {
  const seen = new Set<string>()
  const timer = setInterval(() => {
    for (const pid of readdirSync('/proc')) {
      if (!/^\d+$/.test(pid)) continue
      try {
        seen.add(readFileSync(`/proc/${pid}/cmdline`, 'latin1'))
      } catch {
        // It has ended.
      }
    }
  }, 1)
  return {
    stop: () => {
      clearInterval(timer)
      return [...seen].join('\n')
    },
  }
}

async function allFiles(folder: string): Promise<Buffer> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return Buffer.concat(
    await Promise.all(
      entries.filter(entry => entry.isFile()).map(entry => readFile(join(entry.parentPath, entry.name))),
    ),
  )
}

describe('the text of a token', () => {
  it('is in no argument, file, log line or error of git, forge and client', async () => {
    const watch = watchArguments()
    const client = createGitHubForge({
      host: `127.0.0.1:${forge.port}`,
      token,
      userAgent: 'test',
      logger: jsonLogger(line => said.push(line), 'debug'),
    })
    await client.createRepository({ owner: 'mona', personal: true, name: 'fleet', description: '', private: true })
    const remote = client.remote('mona', 'fleet')
    const mirror = await openMirror(join(dir, 'mirror'))
    const change = (content: string) => ({
      mirror,
      remote,
      branch: 'main',
      message: 'm',
      author: { name: 'a', email: 'a@b' },
      changes: [{ path: 'a', content }],
    })
    for (const content of ['1', '2', '3']) await writeFiles(change(content))
    await mirror.fetch(remote, 'refs/heads/main')
    const shown = [token.reveal(), Buffer.from(`x-access-token:${token.reveal()}`).toString('base64')]
    const errors: unknown[] = []
    // The server echoes what it was sent, the worst that it can do.
    const echo = { body: `Authorization: Basic ${shown[1]} ${shown[0]}` }
    for (const status of [400, 401, 403, 404, 500]) {
      forge.misbehave({ match: 'info/refs', times: 2, status, ...echo })
      errors.push(await listRemoteRefs(remote).catch((error: unknown) => error))
      forge.behave()
      forge.misbehave({ match: 'git-receive-pack', after: 1, status, ...echo })
      errors.push(await writeFiles(change(`x${status}`)).catch((error: unknown) => error))
      forge.behave()
      forge.misbehave({ match: '/user', times: 5, status, body: { message: echo.body } })
      if (status < 500) errors.push(await client.identify().catch((error: unknown) => error))
      forge.behave()
    }
    mirror.close()
    await client.close()
    const args = watch.stop()
    expect(args).toContain('git')
    expect(errors.every(error => error instanceof Error)).toBe(true)
    const everything = [
      args,
      said.join('\n'),
      ...errors.map(
        error =>
          `${String(error)} ${(error as Error).stack} ${JSON.stringify(error)} ${JSON.stringify((error as { facts?: unknown }).facts)}`,
      ),
      (await allFiles(dir)).toString('latin1'),
    ].join('\n')
    for (const text of shown) expect(everything.includes(text)).toBe(false)
  })
})

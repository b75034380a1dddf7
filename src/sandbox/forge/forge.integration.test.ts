import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Secret } from '../../secrets/secret.ts'
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

describe('git over HTTP', () => {
  it('serves clone and push of a private repository to its owner and tells the listeners', async () => {
    const work = await workingCopy()
    await commit(work, 'a.txt', 'one')
    expect(await git(['push', '-q', 'origin', 'HEAD:main'], work)).toMatchObject({ code: 0 })
    const head = (await git(['rev-parse', 'HEAD'], work)).stdout.trim()
    expect(events).toEqual([
      { owner: 'mona', repo: 'fleet', ref: 'refs/heads/main', before: '0'.repeat(40), after: head, pusher: 'mona' },
    ])
    const again = await workingCopy()
    expect((await git(['log', '--format=%s'], again)).stdout).toBe('write a.txt\n')
  })
})

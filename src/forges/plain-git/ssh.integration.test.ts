import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openMirror, writeFiles } from '../../git/index.ts'
import { Secret } from '../../secrets/secret.ts'
import type { CheckLine } from '../checklist.ts'
import { probeForge } from '../probe/probe.ts'
import { diagnose, statuses } from '../testing/diagnose.ts'
import { GitForge } from './forge.ts'

const program = '/usr/sbin/sshd'
const user = userInfo().username

/** A key pair in OpenSSH's form: the paths of both halves. */
function keyPair(dir: string, name: string): { readonly secret: string; readonly open: string } {
  const path = join(dir, name)
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path])
  return { secret: readFileSync(path, 'utf8'), open: readFileSync(`${path}.pub`, 'utf8') }
}

function freePort(): Promise<number> {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}

async function reachable(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const isUp = await new Promise<boolean>(resolve => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => {
        socket.destroy()
        resolve(true)
      })
      socket.once('error', () => resolve(false))
    })
    if (isUp) return
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  throw new Error('sshd does not listen')
}

describe.skipIf(!existsSync(program))('a repository behind a real OpenSSH server', () => {
  let dir: string
  let server: ChildProcess
  let port: number
  let knownHosts: string
  const keys = { write: '', read: '', stranger: '' }

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'sluice-sshd-'))
    port = await freePort()
    const host = keyPair(dir, 'host')
    const [write, read, stranger] = ['write', 'read', 'stranger'].map(name => keyPair(dir, name))
    keys.write = write!.secret
    keys.read = read!.secret
    keys.stranger = stranger!.secret
    knownHosts = `[127.0.0.1]:${port} ${host.open}`
    execFileSync('git', ['init', '-q', '--bare', '-b', 'main', join(dir, 'fleet.git')])
    // A key that may only fetch, as hosts do it for deploy keys, in GitHub's words.
    const words = 'ERROR: The key you are authenticating with has been marked as read only.'
    const allowed = 'git-upload-pack*) eval "$SSH_ORIGINAL_COMMAND" ;;'
    const script = `#!/bin/sh\ncase "$SSH_ORIGINAL_COMMAND" in\n${allowed}\n*) echo '${words}' >&2; exit 1 ;;\nesac\n`
    writeFileSync(join(dir, 'only-fetch'), script, { mode: 0o755 })
    const only = `command="${join(dir, 'only-fetch')}",restrict`
    writeFileSync(join(dir, 'authorized'), `${write!.open}${only} ${read!.open}`)
    const config = [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${join(dir, 'host')}`,
      `AuthorizedKeysFile ${join(dir, 'authorized')}`,
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'PermitRootLogin prohibit-password',
      'PidFile none',
    ]
    writeFileSync(join(dir, 'config'), `${config.join('\n')}\n`)
    mkdirSync('/run/sshd', { recursive: true })
    server = spawn(program, ['-D', '-f', join(dir, 'config')], { stdio: 'ignore' })
    await reachable(port)
  })

  afterAll(() => {
    server.kill()
    rmSync(dir, { recursive: true, force: true })
  })

  const forgeFor = (privateKey: string, hosts = knownHosts) =>
    new GitForge({
      url: `ssh://${user}@127.0.0.1:${port}${join(dir, 'fleet.git')}`,
      ssh: { privateKey: Secret.of(privateKey), knownHosts: hosts },
    })

  it('is diagnosed: good, with an unknown key, with another host key', async () => {
    expect(statuses(await diagnose(forgeFor(keys.write)))).toEqual({
      'token.shape': 'pass',
      'git.fetch': 'pass',
      repository: 'pass',
      'git.push': 'pass',
      branch: 'warn',
    })
    const failed = async (forge: GitForge) => (await diagnose(forge)).find(line => line.status === 'fail')
    expect(await failed(forgeFor(keys.stranger))).toMatchObject({ id: 'git.fetch', code: 'E_GIT_AUTHENTICATION' })
    const other = `[127.0.0.1]:${port} ${keyPair(dir, 'other').open}`
    expect(await failed(forgeFor(keys.write, other))).toMatchObject({ id: 'git.fetch', code: 'E_GIT_HOST_KEY' })
  })

  it('is found out when the key may only fetch', async () => {
    const failed = (await diagnose(forgeFor(keys.read))).filter(line => line.status === 'fail')
    expect(failed).toMatchObject([
      { id: 'git.push', code: 'E_FORGE_READ_ONLY', hostSaid: expect.stringContaining('marked as read only') },
    ])
  })

  it('is probed with a branch that is made and removed', async () => {
    const mirror = await openMirror(join(dir, 'mirror'))
    const author = { name: 'Mona', email: 'mona@example.com' }
    const changes = [{ path: 'a', content: 'a' }]
    await writeFiles({ mirror, remote: forgeFor(keys.write).remote(), branch: 'main', message: 'x', author, changes })
    await mirror.close()
    const lines: CheckLine[] = []
    const target = { owner: 'x', personal: false, repository: 'fleet', branch: 'main' }
    for await (const line of probeForge(forgeFor(keys.write), target)) lines.push(line)
    expect(lines.filter(line => line.status !== 'pass')).toEqual([])
    const refs = execFileSync('git', ['-C', join(dir, 'fleet.git'), 'for-each-ref', '--format=%(refname)'])
    expect(refs.toString()).toBe('refs/heads/main\n')
  })
})

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'

const program = '/usr/sbin/sshd'

/** Whether this machine has OpenSSH's server, and lets us run it. */
export const hasSshd = existsSync(program) && (existsSync('/run/sshd') || process.getuid?.() === 0)

/** An OpenSSH server on this machine with one repository and one key that may push to it. */
export interface SshServer {
  /** `ssh://USER@127.0.0.1:PORT/…/fleet.git`. */
  readonly url: string
  readonly repository: string
  /** Files as EKS Anywhere's variables name them. */
  readonly privateKeyFile: string
  readonly knownHostsFile: string
  /** `SHA256:…` of the host key. */
  readonly fingerprint: string
  close(): void
}

export async function startSshd(dir: string): Promise<SshServer> {
  mkdirSync('/run/sshd', { recursive: true })
  const port = await freePort()
  for (const name of ['host', 'client'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(dir, name)])
  writeFileSync(join(dir, 'authorized'), readFileSync(join(dir, 'client.pub')))
  const repository = join(dir, 'fleet.git')
  execFileSync('git', ['init', '-q', '--bare', '-b', 'main', repository])
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
  const server = spawn(program, ['-D', '-f', join(dir, 'config')], { stdio: 'ignore' })
  await reachable(port, server)
  const knownHostsFile = join(dir, 'known_hosts')
  writeFileSync(knownHostsFile, `[127.0.0.1]:${port} ${readFileSync(join(dir, 'host.pub'), 'utf8')}`)
  const shown = execFileSync('ssh-keygen', ['-l', '-f', join(dir, 'host.pub')]).toString()
  return {
    url: `ssh://${userInfo().username}@127.0.0.1:${port}${repository}`,
    repository,
    privateKeyFile: join(dir, 'client'),
    knownHostsFile,
    fingerprint: shown.split(' ')[1] ?? '',
    close: () => server.kill(),
  }
}

function freePort(): Promise<number> {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}

async function reachable(port: number, server: ChildProcess): Promise<void> {
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
    if (server.exitCode !== null) break
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  throw new Error('sshd does not listen')
}

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'

const program = '/usr/sbin/sshd'

/** Whether a real OpenSSH server is here to be started. */
export const hasSshd = existsSync(program)

/** A running OpenSSH server on loopback, for this user. */
export interface Sshd {
  readonly user: string
  readonly port: number
  /** Lines of known_hosts for the present host key. */
  readonly knownHosts: string
  /** Replaces the public keys that may log in. */
  authorize(lines: readonly string[]): void
  /** Gives the server another host key, on the same port. */
  changeHostKey(): Promise<void>
  close(): Promise<void>
}

/**
 * Starts sshd in a folder. With `repositories`, every login runs git on the bare repository that the map names for the path
 * that was asked for, and nothing else.
 */
export async function startSshd(
  dir: string,
  options: { readonly repositories?: Readonly<Record<string, string>> } = {},
): Promise<Sshd> {
  mkdirSync('/run/sshd', { recursive: true })
  const port = await freePort()
  const authorized = join(dir, 'authorized')
  writeFileSync(authorized, '')
  const lines = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${join(dir, 'host')}`,
    `AuthorizedKeysFile ${authorized}`,
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'PermitRootLogin prohibit-password',
    'PidFile none',
  ]
  if (options.repositories) {
    const cases = Object.entries(options.repositories).map(
      ([path, folder]) => `*"'${path}'"|*"'${path}.git'") dir='${folder}' ;;`,
    )
    const script = `#!/bin/sh\ncase "$SSH_ORIGINAL_COMMAND" in\n${cases.join('\n')}\n*) echo 'ERROR: Repository not found.' >&2; exit 1 ;;\nesac\nexec "\${SSH_ORIGINAL_COMMAND%% *}" "$dir"\n`
    writeFileSync(join(dir, 'serve-git'), script, { mode: 0o755 })
    lines.push(`ForceCommand ${join(dir, 'serve-git')}`)
  }
  writeFileSync(join(dir, 'config'), `${lines.join('\n')}\n`)
  let child: ChildProcess
  const start = async () => {
    rmSync(join(dir, 'host'), { force: true })
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(dir, 'host')])
    child = spawn(program, ['-D', '-f', join(dir, 'config')], { stdio: 'ignore' })
    await reachable(port)
  }
  const stop = () =>
    new Promise<void>(resolve => {
      child.once('close', () => resolve())
      child.kill()
    })
  await start()
  return {
    user: userInfo().username,
    port,
    get knownHosts() {
      return `[127.0.0.1]:${port} ${readFileSync(join(dir, 'host.pub'), 'utf8')}`
    },
    // In one move: a login must never meet half a file.
    authorize: keys => {
      writeFileSync(`${authorized}.new`, `${keys.join('\n')}\n`)
      renameSync(`${authorized}.new`, authorized)
    },
    changeHostKey: async () => {
      await stop()
      await start()
    },
    close: stop,
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

async function reachable(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
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

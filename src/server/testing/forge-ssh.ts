import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from '@photostructure/sqlite'
import { type Sshd, startSshd } from '../../git/testing/sshd.ts'
import { dataPaths } from '../../local/state.ts'

/** The SSH side of a sandbox forge: a real sshd that lets each deploy key fetch the one repository that it is for. */
export interface ForgeSsh extends Pick<Sshd, 'knownHosts'> {
  /** `ssh://USER@127.0.0.1:PORT/acme/fleet`. */
  address(owner: string, name: string): string
  /** Lets nobody in until it is called again with false. */
  shut(isShut: boolean): void
  close(): Promise<void>
}

/** How long the server takes to see a new key, as real hosts do. */
const lookEveryMs = 40

/** @param dataDir of the system that the forge belongs to */
export async function startForgeSsh(dataDir: string): Promise<ForgeSsh> {
  const dir = join(dataDir, 'ssh')
  mkdirSync(dir, { recursive: true })
  const serve = join(dir, 'serve')
  const script = [
    '#!/bin/sh',
    '# $1: the repository of the key, as people say it; $2: its folder. A deploy key only fetches.',
    `case "$SSH_ORIGINAL_COMMAND" in "git-upload-pack '/$1'"|"git-upload-pack '/$1.git'") exec git-upload-pack "$2" ;; esac`,
    "echo 'ERROR: Repository not found.' >&2",
    'exit 1',
  ]
  writeFileSync(serve, `${script.join('\n')}\n`, { mode: 0o755 })
  const sshd = await startSshd(dir)
  const { forge } = dataPaths(dataDir)
  const store = new DatabaseSync(join(forge, 'forge.sqlite'), { readOnly: true })
  const keys = store.prepare(
    `SELECT accounts.login || '/' || repositories.name AS title, folder, key FROM keys
      JOIN repositories ON repositories.id = keys.repository JOIN accounts ON accounts.id = repositories.owner`,
  )
  let isShut = false
  let before = ''
  const look = (): void => {
    const lines = (isShut ? [] : (keys.all() as { title: string; folder: string; key: string }[])).map(
      ({ title, folder, key }) => `command="${serve} ${title} ${join(forge, 'repositories', folder)}",restrict ${key}`,
    )
    const now = lines.join('\n')
    if (now !== before) sshd.authorize(lines)
    before = now
  }
  const timer = setInterval(look, lookEveryMs)
  return {
    knownHosts: sshd.knownHosts,
    address: (owner, name) => `ssh://${sshd.user}@127.0.0.1:${sshd.port}/${owner}/${name}`,
    shut: now => {
      isShut = now
      look()
    },
    async close() {
      clearInterval(timer)
      store.close()
      await sshd.close()
    },
  }
}

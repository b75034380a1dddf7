import { execFileSync, spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Secret } from '../secrets/secret.ts'
import { checkRepositoryUrl } from './repository-url.ts'
import { sshEnvironment } from './ssh.ts'

let dir: string
const url = checkRepositoryUrl('ssh://git@git.example.com:2222/a/b.git')
const knownHosts = '[git.example.com]:2222 ssh-ed25519 AAAA'

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'sluice ssh '))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const auth = (key: string, passphrase?: string) => ({
  kind: 'ssh' as const,
  privateKey: Secret.of(key),
  knownHosts,
  ...(passphrase !== undefined && { passphrase: Secret.of(passphrase) }),
})

function opensshKey(passphrase: string): string {
  const path = join(dir, `key-${passphrase.length}-${Math.random()}`)
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-f', path])
  return readFileSync(path, 'utf8')
}

// Keys in OpenSSH's own form come from its own tool.
describe.skipIf(spawnSync('ssh-keygen', ['-?']).error !== undefined)('ssh', () => {
  it('gets one key in a file that only this user reads, the given host keys, and no prompt, agent or configuration', async () => {
    const env = await sshEnvironment(auth(opensshKey('')), url, dir)
    expect(statSync(join(dir, 'key')).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(dir, 'known_hosts'), 'utf8')).toBe(`${knownHosts}\n`)
    const command = env['GIT_SSH_COMMAND']!
    for (const option of [
      'BatchMode=yes',
      'StrictHostKeyChecking=yes',
      'IdentitiesOnly=yes',
      'IdentityAgent=none',
      'GlobalKnownHostsFile=/dev/null',
    ]) {
      expect(command).toContain(`'-o' '${option}'`)
    }
    // The shell that git runs it with sees one word for each option, also with a space in the path.
    const words = execFileSync('sh', ['-c', `for word in ${command}; do echo "$word"; done`])
      .toString()
      .trim()
      .split('\n')
    expect(words).toContain(join(dir, 'key'))
    // ssh itself takes every option.
    expect(execFileSync('sh', ['-c', `${command} -G git.example.com`]).toString()).toContain('batchmode yes')
  })

  it('opens an encrypted PEM key with its passphrase and says when that is missing or wrong', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const pem = privateKey
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'right-one' })
      .toString()
    await sshEnvironment(auth(pem, 'right-one'), url, dir)
    expect(execFileSync('ssh-keygen', ['-y', '-f', join(dir, 'key')]).toString()).toMatch(/^ecdsa-sha2-nistp256 /)
    await expect(sshEnvironment(auth(pem), url, dir)).rejects.toMatchObject({
      code: 'E_GIT_SSH_KEY',
      message: expect.stringContaining('no passphrase'),
    })
    await expect(sshEnvironment(auth(pem, 'wrong-one'), url, dir)).rejects.toThrow(
      /^(?!.*wrong-one).*does not open it/s,
    )
  })

  it('opens an encrypted key of OpenSSH with its passphrase and says when that is missing or wrong', async () => {
    const key = opensshKey('right-one')
    await sshEnvironment(auth(key, 'right-one'), url, dir)
    expect(execFileSync('ssh-keygen', ['-y', '-P', '', '-f', join(dir, 'key')]).toString()).toMatch(/^ssh-ed25519 /)
    await expect(sshEnvironment(auth(key), url, dir)).rejects.toThrow('no passphrase')
    await expect(sshEnvironment(auth(key, 'wrong-one'), url, dir)).rejects.toThrow('does not open it')
    await expect(sshEnvironment(auth(key.replace(/\n.{30}/, '\n'), 'right-one'), url, dir)).rejects.toMatchObject({
      code: 'E_GIT_SSH_KEY',
    })
  })

  it('refuses what it cannot use, each with the way out', async () => {
    await expect(sshEnvironment(undefined, url, dir)).rejects.toMatchObject({ code: 'E_GIT_SSH_KEY' })
    await expect(sshEnvironment(auth('ghp_x'), url, dir)).rejects.toMatchObject({ code: 'E_GIT_SSH_KEY' })
    await expect(sshEnvironment({ ...auth(opensshKey('')), knownHosts: ' ' }, url, dir)).rejects.toMatchObject({
      code: 'E_GIT_HOST_KEY',
    })
  })
})

import { createPrivateKey } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SluiceError } from '../base/errors/index.ts'
import type { RepositoryUrl } from './repository-url.ts'
import type { GitAuth } from './types.ts'

/**
 * The variables that make git use ssh with exactly one key and exactly the given host keys: no agent, no user
 * configuration, no prompt. The key goes into a file of mode 0600 in `scratch`, which the caller removes.
 */
export async function sshEnvironment(
  auth: GitAuth | undefined,
  url: RepositoryUrl,
  scratch: string,
): Promise<Record<string, string>> {
  if (auth?.kind !== 'ssh') {
    throw new SluiceError('E_GIT_SSH_KEY', {
      object: url.href,
      expected: 'a private key and known_hosts lines for an ssh address',
      seen: auth === undefined ? 'no credentials' : 'a token',
    })
  }
  if (auth.knownHosts.trim() === '') {
    throw new SluiceError('E_GIT_HOST_KEY', {
      object: url.host,
      expected: 'known_hosts lines for this host',
      seen: 'none',
    })
  }
  const key = join(scratch, 'key')
  const hosts = join(scratch, 'known_hosts')
  await writeFile(key, plainKey(auth), { mode: 0o600 })
  await writeFile(hosts, auth.knownHosts.endsWith('\n') ? auth.knownHosts : `${auth.knownHosts}\n`, { mode: 0o600 })
  const options = [
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    `UserKnownHostsFile=${hosts}`,
    'GlobalKnownHostsFile=/dev/null',
    'StrictHostKeyChecking=yes',
    'BatchMode=yes',
    'ForwardAgent=no',
    'ClearAllForwardings=yes',
    'PermitLocalCommand=no',
    'ConnectTimeout=15',
    'ServerAliveInterval=15',
    'ServerAliveCountMax=3',
  ]
  const command = ['ssh', '-F', 'none', '-i', key, ...options.flatMap(option => ['-o', option])]
  return { GIT_SSH_COMMAND: command.map(quote).join(' '), GIT_SSH_VARIANT: 'ssh' }
}

/** The key as ssh reads it without a passphrase. */
function plainKey(auth: Extract<GitAuth, { kind: 'ssh' }>): string {
  const text = `${auth.privateKey.reveal().trim()}\n`
  const begin = /^-----BEGIN ([A-Z ]+)-----/.exec(text)?.[1]
  if (begin === undefined || !begin.endsWith('PRIVATE KEY')) {
    throw new SluiceError('E_GIT_SSH_KEY', { expected: 'a private key in PEM or OpenSSH form', seen: 'something else' })
  }
  if (begin === 'OPENSSH PRIVATE KEY') {
    if (opensshCipher(text) === 'none') return text
    throw new SluiceError('E_GIT_SSH_KEY', {
      expected: 'a key without a passphrase, or an encrypted one in PKCS#8 PEM form',
      seen: 'an encrypted key in OpenSSH form',
      next: 'Write a copy of the key in PEM form with `ssh-keygen -p -m PKCS8 -f <copy of the key>`, or make a key for Sluice without a passphrase and keep it in a secret store.',
    })
  }
  if (begin !== 'ENCRYPTED PRIVATE KEY' && !/^Proc-Type: 4,ENCRYPTED/m.test(text)) return text
  if (auth.passphrase === undefined) {
    throw new SluiceError('E_GIT_SSH_KEY', {
      expected: 'the passphrase of the key',
      seen: 'an encrypted key and no passphrase',
    })
  }
  try {
    const key = createPrivateKey({ key: text, passphrase: auth.passphrase.reveal() })
    return key
      .export({
        format: 'pem',
        type: key.asymmetricKeyType === 'rsa' ? 'pkcs1' : key.asymmetricKeyType === 'ec' ? 'sec1' : 'pkcs8',
      })
      .toString()
  } catch {
    throw new SluiceError('E_GIT_SSH_KEY', {
      expected: 'the passphrase of the key',
      seen: 'a passphrase that does not open it',
    })
  }
}

/** The cipher that an openssh-key-v1 file names (PROTOCOL.key of OpenSSH); undefined when it is not one. */
function opensshCipher(pem: string): string | undefined {
  const bytes = Buffer.from(pem.replace(/-----[^-]+-----/g, ''), 'base64')
  const magic = 'openssh-key-v1\0'
  if (bytes.length < magic.length + 4 || bytes.toString('latin1', 0, magic.length) !== magic) return undefined
  const length = bytes.readUInt32BE(magic.length)
  return bytes.toString('latin1', magic.length + 4, magic.length + 4 + Math.min(length, 64))
}

/** GIT_SSH_COMMAND is read by a shell: every word is quoted. */
function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`
}

import { createPrivateKey } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SluiceError } from '../base/errors/index.ts'
import type { Secret } from '../secrets/secret.ts'
import { openKey, parseOpenSshKey } from './openssh-key.ts'
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
  await writeFile(key, plainPrivateKey(auth.privateKey, auth.passphrase), { mode: 0o600 })
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

/** A private key as ssh reads it without a passphrase. Fails with E_GIT_SSH_KEY. */
export function plainPrivateKey(privateKey: Secret, passphrase: Secret | undefined): string {
  const text = `${privateKey.reveal().trim()}\n`
  const begin = /^-----BEGIN ([A-Z ]+)-----/.exec(text)?.[1]
  if (begin === undefined || !begin.endsWith('PRIVATE KEY')) {
    throw new SluiceError('E_GIT_SSH_KEY', { expected: 'a private key in PEM or OpenSSH form', seen: 'something else' })
  }
  if (begin === 'OPENSSH PRIVATE KEY') return plainOpenSshKey(text, passphrase)
  if (begin !== 'ENCRYPTED PRIVATE KEY' && !/^Proc-Type: 4,ENCRYPTED/m.test(text)) return text
  if (passphrase === undefined) throw noPassphrase()
  try {
    const key = createPrivateKey({ key: text, passphrase: passphrase.reveal() })
    return key
      .export({
        format: 'pem',
        type: key.asymmetricKeyType === 'rsa' ? 'pkcs1' : key.asymmetricKeyType === 'ec' ? 'sec1' : 'pkcs8',
      })
      .toString()
  } catch {
    throw wrongPassphrase()
  }
}

function plainOpenSshKey(text: string, passphrase: Secret | undefined): string {
  const key = parseOpenSshKey(text)
  if (!key) throw new SluiceError('E_GIT_SSH_KEY', { expected: 'a whole private key', seen: 'one that was cut' })
  if (key.cipher === 'none') return text
  if (passphrase === undefined) throw noPassphrase()
  const opened = openKey(key, passphrase.reveal())
  if (opened === 'wrong') throw wrongPassphrase()
  if (opened !== 'unsupported') return opened
  throw new SluiceError('E_GIT_SSH_KEY', {
    expected: 'a key without a passphrase, or one encrypted with AES in CTR or CBC mode',
    seen: `the cipher ${key.cipher}`,
    next: 'Write a copy of the key that Sluice can open with `ssh-keygen -p -Z aes256-ctr -f <copy of the key>`.',
  })
}

function noPassphrase(): SluiceError {
  return new SluiceError('E_GIT_SSH_KEY', {
    expected: 'the passphrase of the key',
    seen: 'an encrypted key and no passphrase',
  })
}

function wrongPassphrase(): SluiceError {
  return new SluiceError('E_GIT_SSH_KEY', {
    expected: 'the passphrase of the key',
    seen: 'a passphrase that does not open it',
  })
}

/** GIT_SSH_COMMAND is read by a shell: every word is quoted. */
function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`
}

import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SluiceError } from '../base/errors/index.ts'
import type { Secret } from '../secrets/secret.ts'
import { type NewObject, newObject } from './objects.ts'
import { runTool, type ToolResult } from './run-tool.ts'
import { makeScratch } from './scratch.ts'
import { plainPrivateKey } from './ssh.ts'

/** Signs the bytes of a commit; gives the signature in its armour, as git keeps it in the commit. */
export type CommitSigner = (payload: Buffer, signal?: AbortSignal) => Promise<string>

/** A private key for signatures. */
export interface SigningKey {
  /** An SSH private key (OpenSSH or PEM), or an armoured OpenPGP private key block. */
  readonly text: Secret
  readonly passphrase?: Secret
  /** Where it came from, for messages: `--signing-key id_ed25519`. */
  readonly source: string
}

/**
 * A signer with one key. What kind of key it is shows in its first line. Keys are in files only while a signature is made,
 * in a folder that nobody else can enter. Fails with E_GIT_SIGNING_KEY for a text that is no private key, or when its
 * passphrase is missing or wrong; signing fails with E_GIT_SIGNING_KEY or E_GIT_SIGNING_TOOL.
 */
export function createSigner(key: SigningKey): CommitSigner {
  const text = key.text.reveal().trim()
  if (/^-----BEGIN PGP PRIVATE KEY BLOCK-----/.test(text)) return gpgSigner(key)
  if (/^-----BEGIN PGP /.test(text)) throw wrongKey(key, 'a private key', 'an OpenPGP block of another kind')
  return sshSigner(key)
}

/** The commit with its signature: a header of its own, each further line begun by a space (git's commit format). */
export function signedCommit(commit: NewObject, signature: string): NewObject {
  const text = commit.bytes.toString('utf8')
  const cut = text.indexOf('\n\n')
  const header = `gpgsig ${signature.trimEnd().replaceAll('\n', '\n ')}`
  return newObject('commit', Buffer.from(`${text.slice(0, cut)}\n${header}${text.slice(cut)}`))
}

/** With `ssh-keygen -Y sign -n git`, as git itself does for `gpg.format=ssh`. */
function sshSigner(key: SigningKey): CommitSigner {
  const plain = openedKey(key)
  return (payload, signal) =>
    inScratch(async folder => {
      const path = join(folder, 'key')
      await writeFile(path, plain, { mode: 0o600 })
      const result = await runTool('ssh-keygen', ['-Y', 'sign', '-n', 'git', '-f', path], { input: payload, signal })
      return armour(result, 'ssh-keygen', '-----BEGIN SSH SIGNATURE-----', key)
    })
}

function openedKey(key: SigningKey): string {
  try {
    return plainPrivateKey(key.text, key.passphrase)
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code !== 'E_GIT_SSH_KEY') throw error
    throw wrongKey(key, error.facts.expected ?? 'a private key', error.facts.seen ?? 'something else', error.facts.next)
  }
}

/** With gpg, in a home folder of its own: no key, agent or setting of the user is touched. */
function gpgSigner(key: SigningKey): CommitSigner {
  return (payload, signal) =>
    inScratch(async folder => {
      const env = { GNUPGHOME: folder, HOME: folder }
      const common = ['--batch', '--no-tty', '--pinentry-mode', 'loopback', '--passphrase-fd', '3']
      const third = `${key.passphrase?.reveal() ?? ''}\n`
      try {
        const imported = await runTool('gpg', [...common, '--import'], {
          input: key.text.reveal(),
          env,
          third,
          signal,
        })
        if (imported.kind === 'ended' && imported.exitCode !== 0)
          throw wrongKey(key, 'an OpenPGP private key that gpg can import', lastLine(imported.stderr))
        const args = [...common, '--trust-model', 'always', '--armor', '--detach-sign', '--output', '-']
        const result = await runTool('gpg', args, { input: payload, env, third, signal })
        return armour(result, 'gpg', '-----BEGIN PGP SIGNATURE-----', key)
      } finally {
        // The agent that gpg started outlives it, and holds the opened key.
        await runTool('gpgconf', ['--kill', 'gpg-agent'], { env, timeoutMs: 5000 }).catch(() => {})
      }
    })
}

async function inScratch<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await makeScratch()
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

function armour(result: ToolResult, tool: string, begin: string, key: SigningKey): string {
  if (result.kind === 'missing') {
    throw new SluiceError('E_GIT_SIGNING_TOOL', { object: key.source, expected: `${tool} on the PATH`, seen: 'none' })
  }
  if (result.exitCode === 0 && result.stdout.includes(begin)) return result.stdout
  if (/passphrase/i.test(result.stderr))
    throw wrongKey(key, 'the passphrase of the key', 'none, or one that does not open it')
  throw wrongKey(key, 'a key that can sign', lastLine(result.stderr))
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.slice(0, 300) || 'no words'
}

function wrongKey(key: SigningKey, expected: string, seen: string, next?: string): SluiceError {
  return new SluiceError('E_GIT_SIGNING_KEY', {
    object: key.source,
    expected,
    seen,
    ...(next !== undefined && { next }),
  })
}

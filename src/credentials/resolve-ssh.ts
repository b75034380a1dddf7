import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { SluiceError } from '../base/errors/index.ts'
import { keysFor, knownHostName } from '../git/known-hosts.ts'
import { Secret } from '../secrets/secret.ts'
import type { SecretStore } from '../secrets/store.ts'
import { fingerprintOf } from './fingerprint.ts'
import { credentialHost } from './host.ts'
import { sshVariables } from './variables.ts'

/** Where a key and host keys are looked for: EKS Anywhere's variables, then the store. */
export interface SshSources {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Folder that relative paths in variables start from. */
  readonly cwd: string
  readonly store?: SecretStore
  /** The known_hosts of the store. */
  readonly knownHostsFile?: string
}

/** A key for a server, with what proves the server. */
export interface FoundSshKey {
  readonly privateKey: Secret
  readonly passphrase?: Secret
  /** Lines of known_hosts for this host; empty when nobody knows it yet. */
  readonly knownHosts: string
  readonly from: string
  readonly notes: readonly string[]
}

const maxFileBytes = 1024 * 1024

/** The private key for an ssh server. Fails with E_TOKEN_MISSING, E_FILE_READ, E_GIT_SSH_KEY or E_STORE_…. */
export async function findSshKey(
  at: { readonly host: string; readonly port: string | undefined },
  sources: SshSources,
): Promise<FoundSshKey> {
  const { env, cwd, store } = sources
  const host = credentialHost(`ssh://${at.host}${at.port === undefined ? '' : `:${at.port}`}`)
  const kept = (await store?.list())?.find(
    meta => meta.kind === 'ssh-key' && credentialHost(`ssh://${meta.host}`) === host,
  )
  const known = await findKnownHosts(at, sources)
  const path = env[sshVariables.privateKey]?.trim()
  if (path) {
    const privateKey = Secret.of(await readBounded(resolve(cwd, path)))
    const passphrase = env[sshVariables.passphrase]
    const secret = passphrase ? Secret.of(passphrase) : undefined
    const differs = kept && kept.fingerprint !== fingerprintOf('ssh-key', privateKey, secret)
    return {
      privateKey,
      ...(secret && { passphrase: secret }),
      knownHosts: known.lines,
      from: sshVariables.privateKey,
      notes: [
        ...known.notes,
        ...(differs
          ? [
              `the sealed store (${kept.name}) holds another key for ${host} than ${sshVariables.privateKey}, which is used`,
            ]
          : []),
      ],
    }
  }
  if (!store || !kept) {
    throw new SluiceError('E_TOKEN_MISSING', {
      object: host,
      expected: `a private key: ${sshVariables.privateKey}, or the sealed store`,
      seen: 'none of them',
      next: `Set ${sshVariables.privateKey} to the file of a private key, or keep one: sluice credential add ${host} --ssh-key FILE`,
    })
  }
  const { value } = await store.open(kept.name)
  return {
    privateKey: value.secret,
    ...(value.passphrase && { passphrase: value.passphrase }),
    knownHosts: known.lines,
    from: `the sealed store (${kept.name})`,
    notes: known.notes,
  }
}

/**
 * The lines of known_hosts that know a host: of EKSA_GIT_KNOWN_HOSTS, else SSH_KNOWN_HOSTS, else the store's own file.
 * A file that disagrees with the one that is used is told.
 */
export async function findKnownHosts(
  at: { readonly host: string; readonly port: string | undefined },
  { env, cwd, knownHostsFile }: SshSources,
): Promise<{ readonly lines: string; readonly notes: readonly string[] }> {
  const name = knownHostName(at.host, at.port)
  const files = [
    ...sshVariables.knownHosts.flatMap(variable => {
      const path = env[variable]?.trim()
      return path ? [{ said: variable, path: resolve(cwd, path), required: true }] : []
    }),
    ...(knownHostsFile === undefined ? [] : [{ said: 'the sealed store', path: knownHostsFile, required: false }]),
  ]
  let used: { said: string; text: string } | undefined
  const notes: string[] = []
  for (const { said, path, required } of files) {
    const text = await readBounded(path).catch((error: unknown) => {
      if (required) throw error
      return ''
    })
    const keys = keysFor(text, name)
    if (keys.length === 0) continue
    if (!used) used = { said, text }
    else {
      const ours = keysFor(used.text, name)
      const differs = keys.some(
        key => ours.some(one => one.type === key.type) && !ours.some(one => one.body === key.body),
      )
      if (differs) notes.push(`${said} has another host key for ${name} than ${used.said}, which is used`)
    }
  }
  return { lines: used?.text ?? '', notes }
}

async function readBounded(path: string): Promise<string> {
  try {
    const bytes = await readFile(path)
    if (bytes.length > maxFileBytes) throw new SluiceError('E_FILE_READ', { object: path, seen: 'more than 1 MiB' })
    return bytes.toString('utf8')
  } catch (error) {
    if (error instanceof SluiceError) throw error
    throw new SluiceError('E_FILE_READ', {
      object: path,
      seen: (error as NodeJS.ErrnoException).code ?? String(error),
      cause: error,
    })
  }
}

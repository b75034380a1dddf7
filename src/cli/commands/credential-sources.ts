import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { type Command, Option } from 'commander'
import { SluiceError } from '../../base/errors/index.ts'
import type { CredentialQuery, FoundToken } from '../../credentials/resolve.ts'
import type { StorePlace } from '../../credentials/store-place.ts'
import type { NamedText } from '../../credentials/token-file.ts'
import type { SecretStore } from '../../secrets/store.ts'
import { type CliIo, note } from '../io.ts'

/** Where a command finds a credential. */
export interface CredentialOptions {
  readonly tokenFile?: string
  readonly tokenStdin?: boolean
  readonly credential?: string
  readonly keyFile?: string
  readonly data: string
}

/** `--token-file`, `--token-stdin`, `--credential` and `--key-file`. There is none that takes a value itself. */
export function addCredentialOptions(command: Command): Command {
  return addKeyFileOption(
    command
      .option(
        '--token-file <file>',
        'file with the token, alone or as KEY=VALUE lines; `-` reads standard input (default: the environment, then the sealed store)',
      )
      .option('--token-stdin', 'read the token from standard input')
      .option('--credential <name>', 'entry of the sealed store to use, in place of the one of the host'),
  )
}

export function addKeyFileOption(command: Command): Command {
  return command.addOption(
    new Option('--key-file <file>', 'key of the sealed store (default: ~/.config/sluice/store.key)').env(
      'SLUICE_KEY_FILE',
    ),
  )
}

/** The sealed store of the data folder. */
export async function storeOf(
  options: Pick<CredentialOptions, 'data' | 'keyFile'>,
  io: CliIo,
): Promise<{ readonly store: SecretStore; readonly place: StorePlace }> {
  const { openStore, storePlace } = await import('../../credentials/store-place.ts')
  const keyFile = options.keyFile
  const place = storePlace(resolve(io.cwd, options.data), {
    env: io.env,
    cwd: io.cwd,
    ...(keyFile === undefined ? {} : { keyFile }),
  })
  return { store: openStore(place), place }
}

/** The text of --token-file or of standard input; undefined when neither was asked for. */
export async function tokenText(options: CredentialOptions, io: CliIo): Promise<NamedText | undefined> {
  const { tokenFile, tokenStdin } = options
  if (tokenStdin || tokenFile === '-') {
    if (tokenStdin && tokenFile !== undefined && tokenFile !== '-')
      throw new SluiceError('E_USAGE', { seen: '--token-file together with --token-stdin' })
    return { name: 'standard input', text: await text(io.stdin) }
  }
  return tokenFile === undefined ? undefined : readTokenFile(tokenFile, io)
}

/** Reads a file that holds a secret; one that others can read is told. */
export async function readTokenFile(name: string, io: CliIo): Promise<NamedText> {
  const path = resolve(io.cwd, name)
  try {
    const { mode, size } = await stat(path)
    if (size > 1024 * 1024) throw new SluiceError('E_FILE_READ', { object: name, seen: 'more than 1 MiB' })
    if ((mode & 0o077) !== 0) {
      const shown = `0${(mode & 0o777).toString(8)}`
      note(io, `${io.err.attention('warning')} ${name} can be read by others (mode ${shown}): chmod 600 ${name}`)
    }
    return { name, text: await readFile(path, 'utf8') }
  } catch (error) {
    if (error instanceof SluiceError) throw error
    const seen = (error as NodeJS.ErrnoException).code ?? String(error)
    throw new SluiceError('E_FILE_READ', { object: name, seen, cause: error })
  }
}

/** The token for a host, from wherever the options and the environment say; what differs is told. */
export async function resolveToken(
  options: CredentialOptions,
  io: CliIo,
  query: CredentialQuery,
  file?: NamedText,
): Promise<FoundToken> {
  const { findToken } = await import('../../credentials/resolve.ts')
  const { store } = await storeOf(options, io)
  const found = await findToken(query, {
    env: io.env,
    store,
    ...(file && { file }),
    ...(options.credential !== undefined && { credential: options.credential }),
  })
  for (const said of found.notes) note(io, `${io.err.attention('warning')} ${said}`)
  const { expiryOf } = await import('../../secrets/expiry.ts')
  const warning = found.meta?.expires === undefined ? undefined : expiryOf(found.meta.expires, new Date())?.warning
  if (warning !== undefined) note(io, `${io.err.attention('warning')} the token from ${found.from} ${warning}`)
  return found
}

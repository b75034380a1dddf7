import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { type Command, Option } from 'commander'
import { SluiceError } from '../../base/errors/index.ts'
import { version } from '../../base/version.ts'
import type { Forge } from '../../forges/types.ts'
import { type CliIo, note } from '../io.ts'
import { clockTime } from '../output/engine-event.ts'

/** Which Git host a command talks to, and with which token. */
export interface ForgeOptions {
  readonly host?: string
  readonly tokenFile?: string
  readonly data: string
}

export function addForgeOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--host <host>',
        'Git host: github.com, a GitHub Enterprise Server, or the URL of a sandbox forge (default: github.com, or the sandbox of this folder)',
      ).env('SLUICE_GIT_HOST'),
    )
    .option(
      '--token-file <file>',
      'file with the token, alone or as EKSA_GITHUB_TOKEN=…; `-` reads standard input (default: $EKSA_GITHUB_TOKEN, $GITHUB_TOKEN)',
    )
}

/**
 * Opens the Git host. In a folder with a sandbox, and with nothing named, that is the sandbox forge with its own token; a
 * token of the environment is never sent to the sandbox, nor the sandbox's elsewhere.
 *
 * @throws E_TOKEN_MISSING, E_TOKEN_FILE, E_TOKEN_…
 */
export async function openForge(
  options: ForgeOptions,
  io: CliIo,
  limits: { readonly maxWaitMs?: number } = {},
): Promise<Forge> {
  const { findGitHubToken } = await import('../../bootstrap/token-source.ts')
  const { createGitHubForge } = await import('../../forges/index.ts')
  const sandbox =
    options.host === undefined && options.tokenFile === undefined ? await sandboxEnv(options, io) : undefined
  const file = options.tokenFile === undefined ? sandbox?.file : await tokenFile(options.tokenFile, io)
  const { token, from } = findGitHubToken({ env: io.env, ...(file ? { file } : {}) })
  const host = options.host ?? hostIn(file?.text) ?? 'github.com'
  note(io, io.err.dim(`using the token from ${from} for ${host}`))
  return createGitHubForge({
    host,
    token,
    userAgent: `sluice/${version}`,
    ...limits,
    onWait: ({ ms, reason }) =>
      note(
        io,
        io.err.attention(
          `waiting for ${host}, again at ${clockTime(new Date(Date.now() + ms)).slice(0, 8)}: ${reason}`,
        ),
      ),
  })
}

/** The token file of the sandbox in the data folder, if there is one. */
async function sandboxEnv(
  { data }: ForgeOptions,
  io: CliIo,
): Promise<{ file: { name: string; text: string } } | undefined> {
  const { dataPaths } = await import('../../local/state.ts')
  const name = dataPaths(resolve(io.cwd, data)).token
  try {
    return { file: { name, text: await readFile(name, 'utf8') } }
  } catch {
    return undefined
  }
}

async function tokenFile(name: string, io: CliIo): Promise<{ name: string; text: string }> {
  if (name === '-') return { name: 'standard input', text: await text(io.stdin) }
  try {
    return { name, text: await readFile(resolve(io.cwd, name), 'utf8') }
  } catch (error) {
    throw new SluiceError('E_FILE_READ', {
      object: name,
      seen: (error as NodeJS.ErrnoException).code ?? String(error),
      cause: error,
    })
  }
}

/** A token file of a sandbox forge says which host it is for: such a token goes nowhere else by mistake. */
function hostIn(text: string | undefined): string | undefined {
  return text === undefined ? undefined : /^(?:export\s+)?SLUICE_GIT_HOST=["']?([^\s"']+)/m.exec(text)?.[1]
}

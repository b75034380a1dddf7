import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { version } from '../../base/version.ts'
import type { Forge } from '../../forges/types.ts'
import { type CliIo, note } from '../io.ts'
import { clockTime } from '../output/engine-event.ts'
import {
  addCredentialOptions,
  type CredentialOptions,
  rememberStored,
  resolveToken,
  tokenText,
} from './credential-sources.ts'

/** Which Git host a command talks to, and with which token. */
export interface ForgeOptions extends CredentialOptions {
  readonly host?: string
}

export function addForgeOptions(command: Command): Command {
  return addCredentialOptions(
    command.addOption(
      new Option(
        '--host <host>',
        'Git host: github.com, a GitHub Enterprise Server, or the URL of a sandbox forge (default: github.com, or the sandbox of this folder)',
      ).env('SLUICE_GIT_HOST'),
    ),
  )
}

/**
 * Opens the Git host. In a folder with a sandbox, and with nothing named, that is the sandbox forge with its own token; a
 * token of the environment is never sent to the sandbox, nor the sandbox's elsewhere.
 *
 * @throws E_TOKEN_MISSING, E_TOKEN_FILE, E_TOKEN_…
 */
export async function openForge(options: ForgeOptions, io: CliIo): Promise<Forge> {
  const { createGitHubForge } = await import('../../forges/index.ts')
  const named = await tokenText(options, io)
  const isFree = options.host === undefined && named === undefined && options.credential === undefined
  const sandbox = isFree ? await sandboxEnv(options, io) : undefined
  const file = named ?? sandbox?.file
  const host = options.host ?? hostIn(file?.text) ?? 'github.com'
  const world = sandbox ? { ...io, env: {} } : io
  const found = await resolveToken(options, world, { kind: 'github', host }, file)
  const { token, from } = found
  note(io, io.err.dim(`using the token from ${from} for ${host}`))
  const forge = createGitHubForge({
    host,
    token,
    userAgent: `sluice/${version}`,
    onWait: ({ ms, reason }) =>
      note(
        io,
        io.err.attention(
          `waiting for ${host}, again at ${clockTime(new Date(Date.now() + ms)).slice(0, 8)}: ${reason}`,
        ),
      ),
  })
  await rememberStored(forge, found, options, io)
  return forge
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

/** A token file of a sandbox forge says which host it is for: such a token goes nowhere else by mistake. */
function hostIn(text: string | undefined): string | undefined {
  return text === undefined ? undefined : /^(?:export\s+)?SLUICE_GIT_HOST=["']?([^\s"']+)/m.exec(text)?.[1]
}

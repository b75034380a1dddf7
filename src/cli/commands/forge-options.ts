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
  readonly provider?: string
  readonly host?: string
  readonly tokenFile?: string
  readonly username?: string
  readonly caFile?: string
  readonly proxy?: string
  readonly data: string
}

/** What a spec or a cluster says of the repository. */
export interface KnownRepository {
  readonly url: string
  /** Whether it is reached by its address alone, unless the options name a provider or host. */
  readonly plain?: boolean
}

export function addForgeOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--provider <kind>',
        `what the Git host runs: github, gitlab, gitea, bitbucket, bitbucket-server, azure-devops or git (default: known by the host, or asked from it)`,
      ).env('SLUICE_GIT_PROVIDER'),
    )
    .addOption(
      new Option(
        '--host <host>',
        'Git host: gitlab.com, a host of your own, or the URL of a sandbox forge (default: that of the repository, github.com, or the sandbox of this folder)',
      ).env('SLUICE_GIT_HOST'),
    )
    .option(
      '--token-file <file>',
      'file with the token, alone or as EKSA_GITHUB_TOKEN=…; `-` reads standard input (default: the variable of the provider, such as $EKSA_GITHUB_TOKEN, $GITHUB_TOKEN, $GITLAB_TOKEN)',
    )
    .option('--username <name>', 'name that goes with the token, for hosts that want one')
    .option('--ca-file <file>', "PEM certificates to trust for the Git host besides the system's")
    .addOption(new Option('--proxy <url>', 'HTTP proxy to the Git host').env('SLUICE_GIT_PROXY'))
}

/**
 * Opens the Git host. In a folder with a sandbox, and with nothing named, that is the sandbox forge with its own token; a
 * token of the environment is never sent to the sandbox, nor the sandbox's elsewhere.
 *
 * @throws E_TOKEN_MISSING, E_TOKEN_FILE, E_TOKEN_…, E_FORGE_KIND_UNKNOWN, E_FORGE_HOST_MISSING, E_FILE_READ
 */
export async function openForge(
  options: ForgeOptions,
  io: CliIo,
  repository?: KnownRepository,
  limits: { readonly maxWaitMs?: number } = {},
): Promise<Forge> {
  const { findToken } = await import('../../bootstrap/token-source.ts')
  const { createForge, locateForge } = await import('../../forges/index.ts')
  const named = options.host !== undefined || options.tokenFile !== undefined
  const sandbox = named ? undefined : await sandboxEnv(options, io, repository)
  const file = options.tokenFile === undefined ? sandbox?.file : await readNamed(options.tokenFile, io)
  const ca = options.caFile === undefined ? undefined : (await readNamed(options.caFile, io)).text
  const userAgent = `sluice/${version}`
  const host = options.host ?? hostIn(file?.text)
  const reach = {
    ...(ca === undefined ? {} : { ca }),
    ...(options.proxy === undefined ? {} : { proxy: options.proxy }),
  }
  const at = await locateForge({
    userAgent,
    signal: io.signal,
    ...reach,
    ...(options.provider === undefined ? {} : { provider: options.provider }),
    ...(host === undefined ? {} : { host }),
    ...(repository === undefined ? {} : { repositoryUrl: repository.url, plain: repository.plain ?? false }),
  })
  const { token, from } = findToken(at.kind, { env: io.env, ...(file ? { file } : {}) })
  const place = at.kind === 'git' ? at.url : at.host
  note(io, io.err.dim(`using the token from ${from} for ${place}`))
  const common = {
    token,
    tokenSource: from,
    ...reach,
    ...(options.username === undefined ? {} : { username: options.username }),
  }
  if (at.kind === 'git') return createForge({ ...at, ...common })
  return createForge({
    ...at,
    ...common,
    ...limits,
    userAgent,
    onWait: ({ ms, reason }) =>
      note(
        io,
        io.err.attention(
          `waiting for ${place}, again at ${clockTime(new Date(Date.now() + ms)).slice(0, 8)}: ${reason}`,
        ),
      ),
  })
}

/** The token file of the sandbox in the data folder, if there is one. */
async function sandboxEnv(
  { data }: ForgeOptions,
  io: CliIo,
  repository: KnownRepository | undefined,
): Promise<{ file: { name: string; text: string } } | undefined> {
  const { dataPaths } = await import('../../local/state.ts')
  const name = dataPaths(resolve(io.cwd, data)).token
  try {
    const text = await readFile(name, 'utf8')
    // A repository elsewhere has nothing to do with the sandbox.
    const host = hostIn(text)
    const elsewhere = repository !== undefined && (host === undefined || !repository.url.startsWith(`${host}/`))
    return elsewhere ? undefined : { file: { name, text } }
  } catch {
    return undefined
  }
}

async function readNamed(name: string, io: CliIo): Promise<{ name: string; text: string }> {
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

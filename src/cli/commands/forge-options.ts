import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { SluiceError } from '../../base/errors/index.ts'
import { version } from '../../base/version.ts'
import type { Forge } from '../../forges/types.ts'
import type { Secret } from '../../secrets/secret.ts'
import { type CliIo, note } from '../io.ts'
import { clockTime } from '../output/engine-event.ts'
import {
  addCredentialOptions,
  type CredentialOptions,
  rememberStored,
  resolveToken,
  storeOf,
  tokenText,
} from './credential-sources.ts'
import { confirmHostKeys, sshPlace } from './host-keys.ts'

/** Which Git host a command talks to, and with which token. */
export interface ForgeOptions extends CredentialOptions {
  readonly provider?: string
  readonly host?: string
  readonly username?: string
  readonly caFile?: string
  readonly proxy?: string
  readonly acceptHostKey?: string
}

/** What a spec or a cluster says of the repository. */
export interface KnownRepository {
  readonly url: string
  /**
   * Who says it: the person, on the command line or in a spec, or the cluster, where others may write. A token that does
   * not say which host it is for follows the cluster's word to a public host of its kind only.
   */
  readonly by: 'person' | 'cluster'
  /** Whether it is reached by its address alone, unless the options name a provider or host. */
  readonly plain?: boolean
  /** Whether the host's API is wanted even for an SSH address on a host of one's own. */
  readonly api?: boolean
}

export function addForgeOptions(command: Command): Command {
  return addCredentialOptions(
    command
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
      ),
  )
    .option('--username <name>', 'name that goes with the token, for hosts that want one')
    .option('--ca-file <file>', "PEM certificates to trust for the Git host besides the system's")
    .addOption(new Option('--proxy <url>', 'HTTP proxy to the Git host').env('SLUICE_GIT_PROXY'))
    .option('--accept-host-key <fingerprint>', 'take the SSH host key with this fingerprint (SHA256:…) without asking')
}

/**
 * Opens the Git host. In a folder with a sandbox, and with nothing named, that is the sandbox forge with its own token; a
 * token of the environment is never sent to the sandbox, nor the sandbox's elsewhere.
 *
 * @throws E_TOKEN_MISSING, E_TOKEN_FILE, E_TOKEN_…, E_CREDENTIAL_HOST, E_FORGE_KIND_UNKNOWN, E_FORGE_HOST_MISSING,
 *   E_FLEET_OTHER_HOST for a repository on another host than the one that was named, E_FILE_READ
 */
export async function openForge(
  options: ForgeOptions,
  io: CliIo,
  repository?: KnownRepository,
  limits: { readonly maxWaitMs?: number } = {},
): Promise<Forge> {
  const { createForge, gitAddress, kindOfHost, locateForge } = await import('../../forges/index.ts')
  const named = await tokenText(options, io)
  const isFree = options.host === undefined && named === undefined && options.credential === undefined
  const sandbox = isFree ? await sandboxEnv(options, io, repository) : undefined
  const file = named ?? sandbox?.file
  const ca = options.caFile === undefined ? undefined : (await readPlainFile(options.caFile, io)).text
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
    ...(repository === undefined
      ? {}
      : { repositoryUrl: repository.url, plain: repository.plain ?? false, api: repository.api ?? false }),
  })
  if (at.kind === 'git' && at.url.startsWith('ssh://')) {
    const { ssh, from } = await sshAccess(at.url, options, io).catch((error: unknown) => {
      if (!(error instanceof SluiceError) || error.code !== 'E_TOKEN_MISSING' || host !== undefined) throw error
      // A cluster that fetches with a deploy key has an SSH address although the person works with a token.
      const next = `${error.next} To work with a token and the API of the host: --host ${new URL(at.url).hostname}`
      throw new SluiceError(error.code, { ...error.facts, next })
    })
    note(io, io.err.dim(`using the key from ${from} for ${at.url}`))
    return createForge({ ...at, ssh, tokenSource: from, ...reach })
  }
  const world = sandbox ? { ...io, env: {} } : io
  const place = at.kind === 'git' ? new URL(at.url).host : at.host
  const { credentialHost } = await import('../../credentials/host.ts')
  // An address that is taken as it is has a host of its own, whatever host was named.
  const isNamed = host !== undefined && (at.kind !== 'git' || credentialHost(host) === credentialHost(place))
  const unnamed = repository?.by === 'cluster' && !isNamed && kindOfHost(place) !== at.kind
  const query = { kind: at.kind, host: place, unnamed }
  const found = await resolveToken(options, world, query, file)
  const { token, from, username = options.username } = found
  note(io, io.err.dim(`using the token from ${from} for ${at.kind === 'git' ? at.url : place}`))
  const common = { token, tokenSource: from, ...reach, ...(username === undefined ? {} : { username }) }
  if (at.kind === 'git') return createForge({ ...at, ...common })
  const forge = createForge({
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
  await rememberStored(forge, found, options, io)
  // A host that was named, by an option or the environment, must be that of the repository.
  if (repository && host !== undefined) {
    const { repositoryOn } = await import('../../fleet/repository-remote.ts')
    try {
      repositoryOn(forge, gitAddress(repository.url).href)
    } catch (error) {
      await forge.close()
      throw error
    }
  }
  return forge
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
    return repository === undefined || isOn(repository, host) ? { file: { name, text } } : undefined
  } catch {
    return undefined
  }
}

/** Whether a repository is on the sandbox forge; with its API wanted, the SSH server beside the forge is it, too. */
function isOn({ url, api }: KnownRepository, forge: string | undefined): boolean {
  if (forge === undefined) return false
  return url.startsWith(`${forge}/`) || (api === true && new URL(url).hostname === new URL(forge).hostname)
}

/** Reads a file that is no secret. Fails with E_FILE_READ. */
export async function readPlainFile(name: string, io: CliIo): Promise<{ name: string; text: string }> {
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

/** The private key for a repository's address, and the host keys of its server, confirmed when nobody knows them yet. */
async function sshAccess(
  url: string,
  options: ForgeOptions,
  io: CliIo,
): Promise<{ ssh: { privateKey: Secret; passphrase?: Secret; knownHosts: string }; from: string }> {
  const { findSshKey } = await import('../../credentials/resolve-ssh.ts')
  const { store, place } = await storeOf(options, io)
  const at = sshPlace(url)
  const sources = { env: io.env, cwd: io.cwd, store, knownHostsFile: place.knownHosts }
  let found = await findSshKey(at, sources)
  if (found.knownHosts === '') {
    const accept = options.acceptHostKey
    await confirmHostKeys(
      url,
      { knownHostsFile: place.knownHosts, ...(accept === undefined ? {} : { acceptHostKey: accept }) },
      io,
    )
    found = await findSshKey(at, sources)
  }
  for (const said of found.notes) note(io, `${io.err.attention('warning')} ${said}`)
  const { privateKey, passphrase, knownHosts, from } = found
  return { ssh: { privateKey, knownHosts, ...(passphrase ? { passphrase } : {}) }, from }
}

/** A token file of a sandbox forge says which host it is for: such a token goes nowhere else by mistake. */
function hostIn(text: string | undefined): string | undefined {
  return text === undefined ? undefined : /^(?:export\s+)?SLUICE_GIT_HOST=["']?([^\s"']+)/m.exec(text)?.[1]
}

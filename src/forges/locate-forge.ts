import { SluiceError } from '../base/errors/index.ts'
import type { RepositoryUrl } from '../git/index.ts'
import { kindOfHost, parseForgeKind } from './create-forge.ts'
import { type DetectOptions, detectForgeKind } from './detect-kind.ts'
import { gitAddress, namesIn, pagesHost } from './plain-git/address.ts'
import type { ForgeKind } from './types.ts'

/** What a person, a spec or a cluster says of a Git host; any of it may be missing. */
export interface LocateOptions extends DetectOptions {
  /** The kind in words: `gitlab`. */
  readonly provider?: string
  /** Host as people write it. */
  readonly host?: string
  /** Address of the repository. */
  readonly repositoryUrl?: string
  /** Whether the repository is to be reached by its address alone, unless provider or host say otherwise. */
  readonly plain?: boolean
  /** Whether the host's API is wanted even for an SSH address on a host of one's own. */
  readonly api?: boolean
}

/** A Git host that can be opened. */
export type LocatedForge =
  | { readonly kind: Exclude<ForgeKind, 'git'>; readonly host: string }
  | { readonly kind: 'git'; readonly url: string }

/** The host that a kind means when none is named. */
const publicHosts: Partial<Readonly<Record<ForgeKind, string>>> = {
  github: 'github.com',
  gitlab: 'gitlab.com',
  bitbucket: 'bitbucket.org',
}

/**
 * Finds which Git host is meant and what software it runs: by what was said, by its public name, or by asking the host
 * without a credential. With nothing said it is github.com. Fails with E_FORGE_KIND_UNKNOWN, E_FORGE_HOST_MISSING and what
 * `detectForgeKind` fails with.
 */
export async function locateForge(options: LocateOptions): Promise<LocatedForge> {
  const { provider, host, repositoryUrl, plain = false, api = false } = options
  const address = repositoryUrl === undefined ? undefined : gitAddress(repositoryUrl)
  if (provider !== undefined) {
    const kind = parseForgeKind(provider)
    if (kind === 'git') return plainGit(address)
    const at = host ?? (address && hostOf(address)) ?? publicHosts[kind]
    if (at !== undefined) return { kind, host: at }
    throw new SluiceError('E_FORGE_HOST_MISSING', { object: `--provider ${kind}`, expected: hostExamples[kind] })
  }
  if (host !== undefined)
    return { kind: kindOfHost(host) ?? (await detectForgeKind(host, options)), host } as LocatedForge
  if (!address) return { kind: 'github', host: 'github.com' }
  if (plain) return plainGit(address)
  const at = hostOf(address)
  const known = kindOfHost(at)
  if (known === 'git' || (known === undefined && address.scheme === 'ssh' && !api)) return plainGit(address)
  return { kind: known ?? (await detectForgeKind(at, options)), host: at } as LocatedForge
}

/** The host of a repository's address as the kind of host wants it: Azure DevOps with the organization. */
function hostOf(address: RepositoryUrl): string {
  const { port, scheme, path } = address
  const host = pagesHost(address)
  if (host === 'dev.azure.com') {
    const organization = scheme === 'ssh' ? namesIn(address).owner.split('/')[1] : path.split('/')[1]
    return `${host}/${organization ?? ''}`
  }
  // The port of an SSH address says nothing of where the pages are.
  if (scheme === 'ssh' || port === undefined) return host
  return scheme === 'http' ? `http://${host}:${port}` : `${host}:${port}`
}

function plainGit(address: RepositoryUrl | undefined): LocatedForge {
  if (address) return { kind: 'git', url: address.href }
  throw new SluiceError('E_FORGE_HOST_MISSING', {
    object: '--provider git',
    expected: 'the address of the repository: FluxConfig.spec.git.repositoryUrl',
    next: 'Write spec.git.repositoryUrl in the FluxConfig: a server that speaks Git alone is known by the address of the repository.',
  })
}

const hostExamples: Readonly<Record<Exclude<ForgeKind, 'git'>, string>> = {
  github: '--host github.com',
  gitlab: '--host gitlab.com',
  gitea: '--host codeberg.org, or the host of your own',
  bitbucket: '--host bitbucket.org',
  'bitbucket-server': '--host git.example.com',
  'azure-devops': '--host dev.azure.com/ORGANIZATION',
}

import { SluiceError } from '../base/errors/index.ts'
import { AzureDevOpsForge } from './azure-devops/forge.ts'
import { azureCapabilities } from './azure-devops/rights.ts'
import { BitbucketForge } from './bitbucket/forge.ts'
import { bitbucketCapabilities } from './bitbucket/rights.ts'
import { BitbucketServerForge } from './bitbucket-server/forge.ts'
import { bitbucketServerCapabilities } from './bitbucket-server/rights.ts'
import type { ForgeConnection } from './forge-options.ts'
import { GiteaForge } from './gitea/forge.ts'
import { giteaCapabilities } from './gitea/rights.ts'
import { GitHubForge } from './github/forge.ts'
import { gitHubCapabilities } from './github/rights.ts'
import { GitLabForge } from './gitlab/forge.ts'
import { gitLabCapabilities } from './gitlab/rights.ts'
import { GitForge, type GitForgeOptions, gitCapabilities } from './plain-git/forge.ts'
import type { Forge, ForgeCapabilities, ForgeKind } from './types.ts'

/** How any Git host is reached: by its API, or one repository by its address alone. */
export type CreateForge =
  | ({ readonly kind: Exclude<ForgeKind, 'git'> } & ForgeConnection)
  | ({ readonly kind: 'git' } & GitForgeOptions)

/** What each kind of host can do, known before one is opened. */
export const forgeCapabilities: Readonly<Record<ForgeKind, ForgeCapabilities>> = {
  github: gitHubCapabilities,
  gitlab: gitLabCapabilities,
  gitea: giteaCapabilities,
  bitbucket: bitbucketCapabilities,
  'bitbucket-server': bitbucketServerCapabilities,
  'azure-devops': azureCapabilities,
  git: gitCapabilities,
}

/** The kinds of Git hosts, in the order in which people are shown them. */
export const forgeKinds = Object.keys(forgeCapabilities) as readonly ForgeKind[]

/** A word of a configuration as a kind of Git host. Fails with E_FORGE_KIND_UNKNOWN. */
export function parseForgeKind(text: string): ForgeKind {
  const word = text.trim().toLowerCase()
  const found = forgeKinds.find(kind => kind === (synonyms[word] ?? word))
  if (found) return found
  throw new SluiceError('E_FORGE_KIND_UNKNOWN', {
    object: 'kind of Git host',
    expected: forgeKinds.join(', '),
    seen: JSON.stringify(text.slice(0, 60)),
  })
}

const synonyms: Readonly<Record<string, ForgeKind>> = {
  forgejo: 'gitea',
  codeberg: 'gitea',
  'bitbucket-cloud': 'bitbucket',
  'bitbucket-dc': 'bitbucket-server',
  'bitbucket-data-center': 'bitbucket-server',
  azure: 'azure-devops',
  codecommit: 'git',
}

/** The kind that a public host is known to be; undefined for hosts of one's own, whose kind must be said. */
export function kindOfHost(host: string): ForgeKind | undefined {
  const name = host
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/[:/].*$/, '')
  if (/(?:^|\.)github\.com$|\.ghe\.com$/.test(name)) return 'github'
  if (/(?:^|\.)gitlab\.com$/.test(name)) return 'gitlab'
  if (/^(?:codeberg\.org|gitea\.com)$/.test(name)) return 'gitea'
  if (/(?:^|\.)bitbucket\.org$/.test(name)) return 'bitbucket'
  if (/^dev\.azure\.com$|\.visualstudio\.com$/.test(name)) return 'azure-devops'
  return /^git-codecommit\..*\.amazonaws\.com(?:\.cn)?$/.test(name) ? 'git' : undefined
}

/** Opens a Git host of any kind. Fails with E_FORGE_ADDRESS_INVALID or E_GIT_URL_INVALID for an address that cannot be one. */
export function createForge(options: CreateForge): Forge {
  switch (options.kind) {
    case 'github':
      return new GitHubForge(options)
    case 'gitlab':
      return new GitLabForge(options)
    case 'gitea':
      return new GiteaForge(options)
    case 'bitbucket':
      return new BitbucketForge(options)
    case 'bitbucket-server':
      return new BitbucketServerForge(options)
    case 'azure-devops':
      return new AzureDevOpsForge(options)
    case 'git':
      return new GitForge(options)
  }
}

import type { ForgeKind } from '../forges/types.ts'

/** Variables that hold a token, in the order in which they are looked at; the names that the field uses. */
export const tokenVariables: Readonly<Record<ForgeKind, readonly string[]>> = {
  // EKS Anywhere's own first, then the one of flux bootstrap github.
  github: ['EKSA_GITHUB_TOKEN', 'GITHUB_TOKEN'],
  gitlab: ['GITLAB_TOKEN'],
  gitea: ['GITEA_TOKEN'],
  bitbucket: ['BITBUCKET_TOKEN'],
  'bitbucket-server': ['BITBUCKET_TOKEN'],
  // flux bootstrap git, which is how Flux does Azure DevOps, reads GIT_PASSWORD.
  'azure-devops': ['AZURE_DEVOPS_PAT', 'AZURE_DEVOPS_EXT_PAT', 'GIT_PASSWORD'],
  git: ['GIT_PASSWORD'],
}

/** The name that goes with a token, where a host wants one. */
export const usernameVariable = 'SLUICE_GIT_USERNAME'
/** Which host the variables, or a file of them, are for. */
export const hostVariable = 'SLUICE_GIT_HOST'

/** EKS Anywhere's variables for Git over SSH; the first and third name files. */
export const sshVariables = {
  privateKey: 'EKSA_GIT_PRIVATE_KEY',
  passphrase: 'EKSA_GIT_SSH_KEY_PASSPHRASE',
  knownHosts: ['EKSA_GIT_KNOWN_HOSTS', 'SSH_KNOWN_HOSTS'],
} as const

/** Every variable whose value is a secret: never shown, not even as "set to". */
export const secretVariables: readonly string[] = [
  ...new Set([...Object.values(tokenVariables).flat(), sshVariables.passphrase]),
]

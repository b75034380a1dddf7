import { jsonEqual } from '../../base/json.ts'
import type { FieldError } from '../../kube/field-error.ts'
import { forbidden, invalid, notSupported, required } from '../../kube/field-errors.ts'
import { labelName } from '../../kube/structural/index.ts'
import {
  branchNameProblem,
  ownerPathProblem,
  readRepositoryUrl,
  repositoryNameProblem,
  repositoryPathProblem,
} from '../git-names.ts'
import { defineKind, type ObjectOf } from '../kind.ts'
import { flag, object, text } from '../schema.ts'
import { eksaGroup, eksaVersion, emptyStatus } from './shared.ts'

const keyAlgorithms = ['rsa', 'ecdsa', 'ed25519']

/** FluxConfig: where a management cluster and its workload clusters are kept in Git. */
export const fluxConfigKind = defineKind({
  group: eksaGroup,
  version: eksaVersion,
  kind: 'FluxConfig',
  plural: 'fluxconfigs',
  description: 'Where a management cluster and its workload clusters are kept in Git.',
  spec: object('The repository and the place in it.', {
    branch: text('Branch that is followed.', { default: 'main' }),
    clusterConfigPath: text(
      'Folder of the repository for the management cluster and all its workload clusters. Default: `clusters/<management cluster>`.',
    ),
    git: object(
      'Any Git server. Exactly one of `git` and `github` must be given.',
      {
        repositoryUrl: text('Address of the repository, which must exist.'),
        sshKeyAlgorithm: text('Algorithm of the SSH key: `rsa`, `ecdsa` or `ed25519`.'),
      },
      ['repositoryUrl'],
    ),
    github: object(
      'GitHub. Exactly one of `git` and `github` must be given.',
      {
        owner: text(
          'User or organization that owns the repository; on other hosts a group (`acme/platform`), project or workspace.',
        ),
        personal: flag('The owner is a user, not an organization. Default: false.'),
        repository: text('Name of the repository; it is made when it does not exist.'),
      },
      ['owner', 'repository'],
    ),
    systemNamespace: text('Namespace of the Flux objects. Default: `flux-system`.'),
  }),
  status: emptyStatus,
  defaults(config) {
    config.metadata.namespace ??= 'default'
    config.spec.branch ||= 'main'
    config.spec.systemNamespace ||= 'flux-system'
  },
  *warnings({ spec }) {
    if (spec.git !== undefined && !spec.git.repositoryUrl?.startsWith('ssh://')) {
      yield 'spec.git.repositoryUrl: EKS Anywhere itself accepts only ssh:// addresses'
    }
    const ssh = spec.git !== undefined && !/^https?:/.test(spec.git.repositoryUrl ?? '')
    if (ssh && !spec.git?.sshKeyAlgorithm) yield 'spec.git.sshKeyAlgorithm is not set; ecdsa is used'
  },
  rules: [
    {
      name: 'one-provider',
      says: 'Exactly one of `spec.github` and `spec.git` is given.',
      *check({ spec }) {
        if (spec.github !== undefined && spec.git !== undefined) {
          yield invalid('spec', Object.keys(spec), 'must specify only one provider')
        }
        if (spec.github === undefined && spec.git === undefined) {
          yield required('spec', 'must specify a provider. Valid options are git and github')
        }
      },
    },
    {
      name: 'github',
      says: 'Owner and repository are names that GitHub accepts.',
      *check({ spec }) {
        if (spec.github !== undefined) yield* checkGitHub('spec.github', 'githubProviderConfig', spec.github)
      },
    },
    {
      name: 'git',
      says: 'The address is an ssh:// or https:// address (or `user@host:path`) without credentials.',
      *check({ spec }) {
        if (spec.git === undefined) return
        const { repositoryUrl, sshKeyAlgorithm } = spec.git
        if (!repositoryUrl) {
          const detail = "'repositoryUrl' is not set or empty in gitProviderConfig; repositoryUrl is a required field"
          yield required('spec.git.repositoryUrl', detail)
        } else {
          const url = readRepositoryUrl(repositoryUrl)
          if ('problem' in url) yield invalid('spec.git.repositoryUrl', withoutUserinfo(repositoryUrl), url.problem)
        }
        if (sshKeyAlgorithm && !keyAlgorithms.includes(sshKeyAlgorithm)) {
          yield notSupported('spec.git.sshKeyAlgorithm', sshKeyAlgorithm, keyAlgorithms)
        }
      },
    },
    {
      name: 'branch',
      says: 'The branch is a name that Git accepts.',
      check: ({ spec }) => checkBranch('spec.branch', spec.branch),
    },
    {
      name: 'path',
      says: 'The path is relative, and stays inside the repository.',
      check: ({ spec }) => checkPath('spec.clusterConfigPath', spec.clusterConfigPath),
    },
    {
      name: 'namespace',
      says: 'The system namespace is a name that Kubernetes accepts.',
      check: ({ spec }) => checkNamespace('spec.systemNamespace', spec.systemNamespace),
    },
  ],
  updateRules: [
    {
      name: 'immutable',
      says: 'Nothing in `spec` changes.',
      *check(object, old) {
        if (!jsonEqual(object.spec, old.spec)) yield forbidden('FluxConfig', 'config is immutable')
      },
    },
  ],
})

/** A FluxConfig as the API holds it. */
export type FluxConfig = ObjectOf<typeof fluxConfigKind>

/** The rules of a GitHub repository, for both kinds that name one. */
export function* checkGitHub(
  field: string,
  where: string,
  github: { owner?: string; repository?: string },
): Iterable<FieldError> {
  const { owner, repository } = github
  if (!owner) {
    yield required(`${field}.owner`, `'owner' is not set or empty in ${where}; owner is a required field`)
  } else {
    const problem = ownerPathProblem(owner)
    if (problem) yield invalid(`${field}.owner`, owner, `not a valid GitHub user or organization: ${problem}`)
  }
  if (!repository) {
    const detail = `'repository' is not set or empty in ${where}; repository is a required field`
    yield required(`${field}.repository`, detail)
  } else {
    const problem = repositoryNameProblem(repository)
    if (problem) yield invalid(`${field}.repository`, repository, `not a valid git repository name: ${problem}`)
  }
}

/** The rule of a branch; an absent or empty one is defaulted. */
export function* checkBranch(field: string, branch: string | undefined): Iterable<FieldError> {
  if (!branch) return
  const problem = branchNameProblem(branch)
  if (problem) yield invalid(field, branch, `not a valid git branch name: ${problem}`)
}

/** The rule of `clusterConfigPath`; an absent or empty one is defaulted. */
export function* checkPath(field: string, path: string | undefined): Iterable<FieldError> {
  if (!path) return
  const problem = repositoryPathProblem(path)
  if (problem) yield invalid(field, path, `not a folder of the repository: ${problem}`)
}

/** The rule of the namespace of the Flux objects. */
export function* checkNamespace(field: string, namespace: string | undefined): Iterable<FieldError> {
  if (!namespace || labelName(namespace).length === 0) return
  yield invalid(field, namespace, "a namespace consists of at most 63 lower case letters, digits or '-'")
}

function withoutUserinfo(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1***@')
}

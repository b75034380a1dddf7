import { SluiceError } from '../base/errors/index.ts'
import { jsonEqual } from '../base/json.ts'
import { gitAddress, namesIn } from '../forges/index.ts'
import {
  type ClusterSpec,
  formatWarning,
  marshalClusterFile,
  parseClusterSpecs,
  specError,
  type TextFile,
} from '../specs/index.ts'
import { readEksctlFleet } from './eksctl-fleet.ts'
import type { Fleet } from './fleet-input.ts'

/**
 * Reads spec files as one fleet: a management cluster and workload clusters in one repository, branch and path.
 *
 * @throws E_SPEC_INVALID with every problem of every file, E_BOOTSTRAP_NO_GITOPS, E_BOOTSTRAP_MIXED_FLEETS,
 *   E_BOOTSTRAP_PROVIDER
 */
export function readFleetSpecs(files: readonly TextFile[]): Fleet {
  const eksctl = readEksctlFleet(files)
  if (eksctl) return eksctl
  const { specs, warnings, problems } = parseClusterSpecs(files)
  if (problems.length > 0) throw specError(problems)
  const [first] = specs
  if (!first)
    throw new SluiceError('E_BOOTSTRAP_MIXED_FLEETS', { expected: 'at least one file with a Cluster', seen: 'none' })
  const flux = fluxOf(first)
  for (const spec of specs) requireSameFleet(first, spec)
  return {
    ...repositoryOf(flux),
    branch: flux.spec.branch ?? 'main',
    path: flux.spec.clusterConfigPath ?? `clusters/${first.managementCluster}`,
    namespace: flux.spec.systemNamespace ?? 'flux-system',
    management: first.managementCluster,
    clusters: specs.map(spec => ({
      name: spec.name,
      namespace: spec.namespace,
      management: spec.selfManaged,
      clusterFile: marshalClusterFile(spec),
      source: spec.path,
    })),
    warnings: warnings.map(formatWarning),
  }
}

function repositoryOf(
  flux: NonNullable<ClusterSpec['flux']>,
): Pick<Fleet, 'owner' | 'personal' | 'repository' | 'git'> {
  const { github, git } = flux.spec
  if (github) return { owner: github.owner, personal: github.personal === true, repository: github.repository }
  if (!git) {
    throw new SluiceError('E_BOOTSTRAP_PROVIDER', {
      object: `FluxConfig/${flux.metadata.name}`,
      expected: 'spec.github or spec.git',
      seen: 'no provider',
    })
  }
  const address = gitAddress(git.repositoryUrl)
  const { owner, name } = namesIn(address)
  return {
    owner,
    personal: false,
    repository: name,
    git: { url: address.href, ...(git.sshKeyAlgorithm ? { sshKeyAlgorithm: git.sshKeyAlgorithm } : {}) },
  }
}

function fluxOf(spec: ClusterSpec): NonNullable<ClusterSpec['flux']> {
  if (!spec.flux) throw new SluiceError('E_BOOTSTRAP_NO_GITOPS', { object: `${spec.path}: Cluster/${spec.name}` })
  return spec.flux
}

function requireSameFleet(first: ClusterSpec, spec: ClusterSpec): void {
  const a = fluxOf(first).spec
  const b = fluxOf(spec).spec
  if (first.managementCluster !== spec.managementCluster) {
    throw new SluiceError('E_BOOTSTRAP_MIXED_FLEETS', {
      object: `Cluster/${spec.name}`,
      expected: `management cluster ${first.managementCluster}, as ${first.name} has it`,
      seen: spec.managementCluster,
    })
  }
  if (!jsonEqual(a, b)) {
    throw new SluiceError('E_BOOTSTRAP_MIXED_FLEETS', {
      object: `Cluster/${spec.name}`,
      expected: `the same repository, branch and path as ${first.name}`,
      seen: JSON.stringify(b),
    })
  }
}

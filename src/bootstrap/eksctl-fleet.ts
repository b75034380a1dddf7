import { SluiceError } from '../base/errors/index.ts'
import { isObject } from '../base/json.ts'
import { gitAddress, namesIn } from '../forges/index.ts'
import type { KubeObject } from '../kube/object.ts'
import { parseYamlStream } from '../kube/yaml/index.ts'
import { eksctlFiles, eksctlPaths } from '../layout/index.ts'
import {
  type BootstrapOptions,
  bootstrapPath,
  type ClusterConfigFile,
  eksctlClusterKind,
  eksctlGroup,
  formatWarning,
  parseBootstrapFlags,
  placeOf,
  readClusterConfig,
  type SpecProblem,
  specError,
  type TextFile,
} from '../specs/index.ts'
import type { Fleet } from './fleet-input.ts'

/**
 * Reads a file of eksctl as a fleet, as `eksctl enable flux -f FILE` would: `gitops.flux` says where to. Undefined when no
 * file is eksctl's.
 *
 * @throws E_SPEC_INVALID, E_SPEC_SECRET, E_EKSCTL_NO_GITOPS, E_EKSCTL_OUTPOSTS, E_BOOTSTRAP_MIXED_FLEETS, E_BOOTSTRAP_PROVIDER
 */
export function readEksctlFleet(files: readonly TextFile[]): Fleet | undefined {
  const theirs = files.filter(isEksctlFile)
  const [file] = theirs
  if (file === undefined) return undefined
  if (files.length > 1) {
    throw new SluiceError('E_BOOTSTRAP_MIXED_FLEETS', {
      object: file.path,
      expected: 'one ClusterConfig alone: each eksctl cluster runs its own engine',
      seen: `${files.length} files`,
      next: 'Give one ClusterConfig a run; clusters may share a repository with different paths.',
    })
  }
  const { found, problems } = readClusterConfig(file)
  if (problems.length > 0 || found === undefined) throw specError(problems)
  const { options, warnings } = optionsOf(found)
  return fleetOf(found, options, warnings)
}

function optionsOf(found: ClusterConfigFile): { options: BootstrapOptions; warnings: string[] } {
  const { config, document, path } = found
  const object = `ClusterConfig/${config.metadata.name}`
  if (config.outpost?.controlPlaneOutpostARN)
    throw new SluiceError('E_EKSCTL_OUTPOSTS', { object: `${path}: ${object}` })
  if (!config.gitops?.flux) throw new SluiceError('E_EKSCTL_NO_GITOPS', { object: `${path}: ${object}` })
  const { options, errors, warnings } = parseBootstrapFlags(config.gitops.flux)
  if (errors.length > 0) {
    throw specError(errors.map((error): SpecProblem => ({ ...error, object, ...placeOf(document, error.field) })))
  }
  const said = warnings.map(({ field, message }) => formatWarning({ object, message, ...placeOf(document, field) }))
  return { options, warnings: said }
}

/** The fleet that the flags of `flux bootstrap` mean. */
export function fleetOf(found: ClusterConfigFile, options: BootstrapOptions, warnings: readonly string[]): Fleet {
  const { name } = found.config.metadata
  const { authorName, authorEmail, commitMessageAppendix, kubeconfig, context, hostname } = options
  return {
    ...repositoryOf(options),
    provider: options.provider,
    tokenAuth: options.tokenAuth,
    branch: options.branch,
    path: bootstrapPath(options) || '.',
    namespace: options.namespace,
    management: name,
    clusters: [],
    warnings,
    private: options.private,
    interval: options.interval,
    eksctl: { cluster: name, config: found.text, source: found.path },
    ...(hostname === undefined ? {} : { host: hostname }),
    ...(kubeconfig === undefined && context === undefined
      ? {}
      : { access: { ...(kubeconfig ? { kubeconfig } : {}), ...(context ? { context } : {}) } }),
    ...(authorEmail === undefined ? {} : { author: { name: authorName, email: authorEmail } }),
    ...(commitMessageAppendix === undefined ? {} : { commitAppendix: commitMessageAppendix }),
  }
}

function repositoryOf(options: BootstrapOptions): Pick<Fleet, 'owner' | 'personal' | 'repository' | 'git'> {
  const { url, owner = '', repository = '', personal } = options
  if (options.provider !== 'git' || url === undefined) return { owner, personal, repository }
  const address = gitAddress(url)
  const names = namesIn(address)
  return { owner: names.owner, personal: false, repository: names.name, git: { url: address.href } }
}

/** The files of a fleet's eksctl cluster, and which of them are people's once they are there. */
export function eksctlFleetFiles(fleet: Fleet): { path: string; text: string; theirs: boolean }[] {
  if (fleet.eksctl === undefined) return []
  const { cluster, config } = fleet.eksctl
  const paths = eksctlPaths(fleet.path, cluster)
  const object: KubeObject = {
    apiVersion: eksctlClusterKind.apiVersion,
    kind: eksctlClusterKind.kind,
    metadata: { name: objectName(cluster), namespace: fleet.namespace },
    spec: { configPath: paths.config, interval: '5m0s', sourceRef: { name: fleet.namespace } },
  }
  const files = eksctlFiles({ path: fleet.path, cluster, config, crd: eksctlClusterKind.crd(), object })
  return [...files].map(([path, text]) => ({ path, text, theirs: path !== paths.crd }))
}

/** A cluster's name as Kubernetes takes it: EKS also allows capitals and underscores. */
function objectName(cluster: string): string {
  return cluster
    .toLowerCase()
    .replaceAll('_', '-')
    .replace(/^-+|-+$/g, '')
}

function isEksctlFile({ text }: TextFile): boolean {
  if (!text.includes(eksctlGroup)) return false
  try {
    return parseYamlStream(text).some(
      ({ value }) => isObject(value) && String(value['apiVersion'] ?? '').startsWith(`${eksctlGroup}/`),
    )
  } catch {
    // A file that cannot be read is told of by its reader.
    return /^apiVersion:\s*["']?eksctl\.io\//m.test(text)
  }
}

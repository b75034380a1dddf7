import { SluiceError } from '../base/errors/index.ts'
import { isObject } from '../base/json.ts'
import type { KubeObject } from '../kube/object.ts'
import { parseYamlStream } from '../kube/yaml/index.ts'
import { eksctlFiles, eksctlPaths } from '../layout/index.ts'
import {
  type BootstrapOptions,
  type ClusterConfigFile,
  clusterConfigWarnings,
  eksctlClusterKind,
  eksctlGroup,
  type FluxFlagName,
  fluxFlags,
  formatWarning,
  parseBootstrapFlags,
  placeOf,
  readClusterConfig,
  type SpecProblem,
  specError,
  type TextFile,
} from '../specs/index.ts'
import { fleetFromFlags } from './fleet-from-flags.ts'
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
  const said = [...clusterConfigWarnings(config), ...warnings].map(({ field, message }) =>
    formatWarning({ object, message, ...placeOf(document, field) }),
  )
  return { options, warnings: said }
}

function fleetOf(found: ClusterConfigFile, options: BootstrapOptions, warnings: readonly string[]): Fleet {
  const { name } = found.config.metadata
  const flags = Object.entries(found.config.gitops?.flux?.flags ?? {})
  const ofFlux = flags.filter(([flag]) => fluxFlags[flag as FluxFlagName]?.use === 'flux')
  return {
    ...fleetFromFlags(options, name),
    warnings,
    ...(ofFlux.length === 0 ? {} : { fluxFlags: Object.fromEntries(ofFlux) }),
    eksctl: { cluster: name, config: found.text, source: found.path },
  }
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

import { memoryTree } from '../base/file-tree.ts'
import { valueAt } from '../base/json.ts'
import type { KubeObject } from '../kube/object.ts'
import { componentObjects, syncObjects } from '../layout/index.ts'
import { builtComponents } from './built-components.ts'
import { desiredFiles, embeddedComponents, syncIntervals } from './desired-files.ts'
import { lookAtBranch, readRepository } from './repository-view.ts'
import { syncUrl } from './sync-credential.ts'
import type { BootstrapContext, RunState } from './types.ts'

/** What makes a cluster follow the repository, in the order in which it is applied; the credential goes between the two. */
export interface EngineObjects {
  /** Namespace and CRDs, which must be there before the rest; with real Flux its controllers after them. */
  readonly first: readonly KubeObject[]
  /** GitRepository and Kustomization. */
  readonly sync: readonly KubeObject[]
}

export async function engineObjects(context: BootstrapContext, state: RunState): Promise<EngineObjects> {
  const { fleet, flux } = context
  const first = flux
    ? await fluxObjects(context, flux, state)
    : // Real Flux that stands in Git manages its own components.
      state.kept?.fluxComponents
      ? []
      : state.engineInCluster === true
        ? await objectsInGit(context, state, [])
        : componentObjects(fleet.namespace, embeddedComponents())
  return {
    first,
    sync: syncOf(context, state),
  }
}

/** GitRepository and Kustomization of the fleet. */
export function syncOf(context: BootstrapContext, { kept }: Pick<RunState, 'kept'>): readonly KubeObject[] {
  const { fleet } = context
  return syncObjects({
    systemNamespace: fleet.namespace,
    url: syncUrl(context),
    branch: fleet.branch,
    clusterConfigPath: fleet.path,
    ...syncIntervals(fleet, kept),
  })
}

/**
 * A Flux that has applied a revision manages itself, as `flux bootstrap` has it: then only what never stands in Git is
 * left. (Our engine is applied every time: it may not give itself more rights, and whoever bootstraps may.)
 */
async function fluxObjects(
  context: BootstrapContext,
  { pullSecret }: NonNullable<BootstrapContext['flux']>,
  state: RunState,
): Promise<KubeObject[]> {
  const { client, fleet, signal } = context
  const kind = { group: 'kustomize.toolkit.fluxcd.io', version: 'v1', kind: 'Kustomization' }
  const root = await client.find({ ...kind, namespace: fleet.namespace, name: fleet.namespace }, { signal })
  const beside = pullSecret === undefined ? [] : [pullSecret]
  if (typeof valueAt(root, ['status', 'lastAppliedRevision']) === 'string') return beside
  return objectsInGit(context, state, beside)
}

/** The controllers as Git has them, patches included. */
async function objectsInGit(
  context: BootstrapContext,
  state: RunState,
  beside: readonly KubeObject[],
): Promise<KubeObject[]> {
  const { fleet, signal } = context
  const tree = state.repositoryExists ? await readRepository(context, await lookAtBranch(context)) : memoryTree({})
  const { files } = await desiredFiles(context, tree)
  const after = new Map(files.filter(file => file.action !== 'keep').map(file => [file.path, file.after]))
  const objects = await builtComponents(fleet, tree, after, signal)
  const [namespaces, others] = split(objects, object => object.kind === 'Namespace')
  const [definitions, rest] = split(others, object => object.kind === 'CustomResourceDefinition')
  // Pods of the controllers want their Secret when they start.
  return [...namespaces, ...definitions, ...beside, ...rest]
}

function split<T>(all: readonly T[], is: (one: T) => boolean): [T[], T[]] {
  return [all.filter(is), all.filter(one => !is(one))]
}

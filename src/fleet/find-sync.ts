import { SluiceError } from '../base/errors/index.ts'
import { valueAt } from '../base/json.ts'
import type { KubeClient } from '../kube/client/types.ts'
import type { KubeObject } from '../kube/object.ts'
import { gitRepositoryKind, kustomizationKind, listIfKnown } from './read-fleet.ts'

/** What a cluster follows: the root source and Kustomization that bootstrap made. */
export interface FleetSync {
  readonly namespace: string
  readonly sourceName: string
  readonly kustomizationName: string
  /** Clone URL without credentials. */
  readonly url: string
  readonly branch: string
  /** Folder of the fleet in the repository, without `./`. */
  readonly path: string
  /** Secret with the credential of the source, in the same namespace. */
  readonly secretName: string | undefined
}

/**
 * Finds the root Kustomization of a cluster: the one that is named like its namespace and its source, as `flux bootstrap`
 * names it; otherwise the only one with a GitRepository that nothing else applied.
 *
 * @throws E_FLEET_NO_SYNC
 */
export async function findFleetSync(client: KubeClient, signal?: AbortSignal): Promise<FleetSync> {
  const [kustomizations, sources] = await Promise.all([
    listIfKnown(client, kustomizationKind, signal),
    listIfKnown(client, gitRepositoryKind, signal),
  ])
  const candidates = kustomizations.map(one => pair(one, sources)).filter(sync => sync !== undefined)
  const conventional = candidates.filter(
    sync => sync.kustomizationName === sync.namespace && sync.sourceName === sync.namespace,
  )
  const [found] = conventional.length > 0 ? conventional : candidates
  const ambiguous = conventional.length === 0 && candidates.length > 1
  if (!found || ambiguous) {
    throw new SluiceError('E_FLEET_NO_SYNC', {
      object: client.server,
      seen: ambiguous
        ? `${candidates.length} Kustomizations, none named like its namespace`
        : `${kustomizations.length} Kustomizations`,
    })
  }
  return found
}

function pair(kustomization: KubeObject, sources: readonly KubeObject[]): FleetSync | undefined {
  const text = (object: KubeObject, ...path: string[]) => {
    const value = valueAt(object, path)
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const namespace = kustomization.metadata.namespace ?? ''
  if (text(kustomization, 'spec', 'sourceRef', 'kind') !== 'GitRepository') return undefined
  const sourceName = text(kustomization, 'spec', 'sourceRef', 'name')
  const sourceNamespace = text(kustomization, 'spec', 'sourceRef', 'namespace') ?? namespace
  const source = sources.find(one => one.metadata.name === sourceName && one.metadata.namespace === sourceNamespace)
  const url = source && text(source, 'spec', 'url')
  if (!source || !url || sourceName === undefined || sourceNamespace !== namespace) return undefined
  return {
    namespace,
    sourceName,
    kustomizationName: kustomization.metadata.name ?? '',
    url,
    branch: text(source, 'spec', 'ref', 'branch') ?? 'master',
    path: (text(kustomization, 'spec', 'path') ?? '')
      .replace(/^\.?\/+/, '')
      .replace(/\/+$/, '')
      .replace(/^\.$/, ''),
    secretName: text(source, 'spec', 'secretRef', 'name'),
  }
}

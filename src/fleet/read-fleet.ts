import type { KubeClient } from '../kube/client/types.ts'
import type { KubeObject } from '../kube/object.ts'
import { eksctlClusterKind } from '../specs/index.ts'
import { eksctlRows } from './eksctl-view.ts'
import type { ClusterRow } from './types.ts'
import { fleetView } from './view.ts'

export const clusterKind = { group: 'anywhere.eks.amazonaws.com', version: 'v1alpha1', kind: 'Cluster' } as const
export const nodeKind = { group: '', version: 'v1', kind: 'Node' } as const
export const kustomizationKind = { group: 'kustomize.toolkit.fluxcd.io', version: 'v1', kind: 'Kustomization' } as const
export const gitRepositoryKind = { group: 'source.toolkit.fluxcd.io', version: 'v1', kind: 'GitRepository' } as const

/** The fleet as an API server shows it now. Kinds that the server does not know count as empty. */
export async function readFleet(client: KubeClient, signal?: AbortSignal): Promise<ClusterRow[]> {
  const list = (kind: { group: string; version: string; kind: string }) => listIfKnown(client, kind, signal)
  const [clusters, nodes, kustomizations, eksctl] = await Promise.all([
    list(clusterKind),
    list(nodeKind),
    list(kustomizationKind),
    list(eksctlClusterKind),
  ])
  return [...fleetView({ clusters, nodes, kustomizations }), ...eksctlRows(eksctl, nodes)]
}

/** All objects of a kind, or none when the server does not serve it. */
export async function listIfKnown(
  client: KubeClient,
  kind: { readonly group: string; readonly version: string; readonly kind: string },
  signal?: AbortSignal,
): Promise<KubeObject[]> {
  const options = signal ? { signal } : {}
  if ((await client.resourceFor(kind, options)) === undefined) return []
  return (await client.list(kind, options)).items
}

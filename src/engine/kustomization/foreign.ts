import { type ObjectRef, refOf } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { HelmRelease } from '../../specs/flux/helm-release.ts'
import type { Kustomization } from '../../specs/flux/kustomization.ts'
import { clusterKeyOf } from '../remote/target.ts'
import { keyOf } from './facts.ts'
import { inventoryId, parseInventoryEntry } from './inventory.ts'
import { inventoryOf } from './status.ts'

/** Labels of a HelmChart that a HelmRelease has made. */
const madeBy = ['helm.toolkit.fluxcd.io/namespace', 'helm.toolkit.fluxcd.io/name'] as const

/**
 * An object in a namespace that a Kustomization must not delete with it: one that another Kustomization or somebody
 * else's HelmRelease has applied, or a source, Kustomization or HelmRelease that is not its own. Undefined when there is
 * none, as far as the engine knows.
 */
export function foreignIn(
  namespace: string,
  owner: Kustomization,
  kustomizations: readonly Kustomization[],
  sources: readonly KubeObject[],
  releases: readonly HelmRelease[],
): ObjectRef | undefined {
  const own = new Set(inventoryOf(owner).map(entry => entry.id))
  const ownKey = keyOf(owner)
  for (const other of kustomizations) {
    if (keyOf(other) === ownKey || clusterKeyOf(other) !== clusterKeyOf(owner)) continue
    for (const entry of inventoryOf(other)) {
      if (!entry.id.startsWith(`${namespace}_`)) continue
      const ref = parseInventoryEntry(entry)
      if (ref !== undefined && ref.namespace === namespace) return ref
    }
  }
  for (const release of releases) {
    if (own.has(inventoryId(refOf(release))) || clusterKeyOf(release) !== clusterKeyOf(owner)) continue
    for (const entry of release.status?.inventory?.entries ?? []) {
      const ref = parseInventoryEntry(entry)
      if (ref?.namespace === namespace) return ref
    }
    if (release.status?.history?.[0]?.namespace === namespace) return refOf(release)
  }
  // The engine's own kinds are in the engine's own cluster.
  const local = clusterKeyOf(owner) === '' ? [...kustomizations, ...sources, ...releases] : []
  for (const object of local) {
    if (object.metadata.namespace !== namespace) continue
    const ref = ownerOf(object) ?? refOf(object)
    const itself = object.kind === 'Kustomization' && keyOf(object) === ownKey
    // While it lives, a Kustomization does not delete the namespace that it stands in.
    if (itself ? owner.metadata.deletionTimestamp === undefined : !own.has(inventoryId(ref))) return ref
  }
  return undefined
}

/** The HelmRelease that a HelmChart belongs to: it goes with that. */
function ownerOf({ kind, metadata: { labels } }: KubeObject): ObjectRef | undefined {
  const [namespace, name] = madeBy.map(label => labels?.[label])
  if (kind !== 'HelmChart' || !namespace || !name) return undefined
  return { group: 'helm.toolkit.fluxcd.io', version: 'v2', kind: 'HelmRelease', namespace, name }
}

import { isObject, valueAt } from '../base/json.ts'
import { fluxKindOf, kindFromWord } from '../fleet/flux-kinds.ts'
import type { KubeClient } from '../kube/client/types.ts'
import { type ObjectRef, refOf } from '../kube/identity.ts'
import type { KubeObject } from '../kube/object.ts'

/** `kind/name`, `kind name` as commands take it, in a namespace. */
export interface ObjectWords {
  readonly kind: string
  readonly name: string
  readonly namespace: string
}

/** Reads the Flux object that words name. Fails with E_USAGE for another kind and E_KUBE_NOT_FOUND. */
export async function getFluxObject(
  client: KubeClient,
  { kind, name, namespace }: ObjectWords,
  signal: AbortSignal,
): Promise<KubeObject> {
  return await client.get({ ...kindFromWord(kind), name, namespace }, { signal })
}

/** What a Kustomization or HelmRelease must wait for. */
export function dependenciesOf(object: KubeObject): ObjectRef[] {
  const list = valueAt(object, ['spec', 'dependsOn'])
  if (!Array.isArray(list)) return []
  const { group, version, kind, namespace } = refOf(object)
  return list.filter(isObject).map(one => ({
    group,
    version,
    kind,
    name: String(one['name'] ?? ''),
    namespace: typeof one['namespace'] === 'string' ? one['namespace'] : namespace,
  }))
}

/** The Kustomization or HelmRelease that put an object into the cluster, by the labels that it carries. */
export function ownerOf(object: KubeObject): ObjectRef | undefined {
  const labels = object.metadata.labels ?? {}
  for (const [kind, group] of [
    ['Kustomization', 'kustomize.toolkit.fluxcd.io'],
    ['HelmRelease', 'helm.toolkit.fluxcd.io'],
  ] as const) {
    const name = labels[`${group}/name`]
    const namespace = labels[`${group}/namespace`]
    const known = fluxKindOf({ group, kind })
    // The root Kustomization carries its own name: it is applied by itself.
    const self = object.kind === kind && object.metadata.name === name && object.metadata.namespace === namespace
    if (known && name !== undefined && namespace !== undefined && !self) return { ...known, name, namespace }
  }
  return undefined
}

/** A text at a path; undefined when there is none. */
export function textAt(object: KubeObject | undefined, ...path: string[]): string | undefined {
  const value = valueAt(object, path)
  return typeof value === 'string' && value !== '' ? value : undefined
}

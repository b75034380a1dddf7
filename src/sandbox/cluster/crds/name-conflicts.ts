import type { KubeObject } from '../../../kube/object.ts'
import type { ClusterState } from '../cluster-state.ts'
import { type CrdNames, crdCollection, specOf, statusOf } from './crd.ts'

/** A name that another definition of the group holds. */
export interface NameConflict {
  readonly name: keyof CrdNames
  readonly reason: string
  readonly message: string
}

/**
 * Which names of a definition are taken by other definitions of its group (apiextensions' naming controller). The last one
 * found gives the condition its reason there, so they come in that order here.
 */
export function nameConflicts(cluster: ClusterState, crd: KubeObject): NameConflict[] {
  const { group, names = {} } = specOf(crd)
  const resources = new Set<string>()
  const kinds = new Set<string>()
  for (const record of cluster.store.collection(crdCollection).records()) {
    if (record.name === crd.metadata.name || specOf(record.object).group !== group) continue
    const taken = statusOf(record.object).acceptedNames ?? {}
    for (const name of [taken.plural, taken.singular, ...(taken.shortNames ?? [])]) if (name) resources.add(name)
    for (const name of [taken.kind, taken.listKind]) if (name) kinds.add(name)
  }
  const conflicts: NameConflict[] = []
  const check = (name: keyof CrdNames, reason: string, value: string | undefined, taken: ReadonlySet<string>) => {
    if (value && taken.has(value))
      conflicts.unshift({ name, reason, message: `${JSON.stringify(value)} is already in use` })
  }
  check('plural', 'PluralConflict', names.plural, resources)
  check('singular', 'SingularConflict', names.singular, resources)
  for (const short of names.shortNames ?? []) check('shortNames', 'ShortNamesConflict', short, resources)
  check('kind', 'KindConflict', names.kind, kinds)
  check('listKind', 'ListKindConflict', names.listKind, kinds)
  return conflicts
}

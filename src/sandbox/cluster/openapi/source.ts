import type { GroupVersionKind } from '../../../kube/identity.ts'
import type { Schema } from '../../../kube/schema/types.ts'
import type { KindDefinition } from '../kinds/types.ts'

/** What OpenAPI documents are made of. */
export interface OpenapiSource {
  /** The kinds that are served now. */
  kinds(): Iterable<KindDefinition>
  /** A value that changes whenever the kinds do; documents are made anew then, as far as they differ. */
  readonly revision: string | number
  /**
   * The name of a schema that is shared by builtin kinds: `io.k8s.api.core.v1.PodSpec`. Such schemas become components of
   * their own; others are written where they stand.
   */
  definitionName(schema: Schema): string | undefined
  /** The schema of a name, where fields may hold copies of it with extensions of their own. Default: what the field holds. */
  schemaByName?(name: string): Schema | undefined
  /** The schema of ObjectMeta, to which the metadata of custom kinds refers; absent: a plain object. */
  readonly objectMeta?: Schema
  /** The version that documents name: `v1.36.2`. */
  readonly version: string
}

/** The part of a path that names a group and version: `api/v1`, `apis/apps/v1`. */
export function groupVersionPath(group: string, version: string): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`
}

/** The component name of a kind of a definition: the group from its end, version and kind (`io.fluxcd.toolkit.source.v1.GitRepository`). */
export function customName({ group, version, kind }: GroupVersionKind): string {
  return [...group.split('.').reverse(), version, kind].join('.')
}

import type { KubeObject } from '../../../kube/object.ts'
import { unknownFields } from '../../../kube/structural/index.ts'
import { decodeGo, GoDecodeError } from '../go-types/from-json.ts'
import { goKey } from '../go-types/go-type.ts'
import type { ServedKind } from '../kinds/registry.ts'

/**
 * An object as its kind reads it: builtin kinds by their Go type (known fields only, empty ones left out), custom kinds
 * as they are, for their strategy prunes them. `fail` makes the error for a value of the wrong type.
 */
export function asTyped(
  { definition, version }: ServedKind,
  object: KubeObject,
  fail: (message: string) => Error,
): { object: KubeObject; unknown: readonly string[] } {
  if (definition.custom) {
    const metadata = decodeGo('meta/v1.ObjectMeta', object.metadata as Record<string, unknown>)
    const unknown = metadata.unknown.map(path => `metadata.${path}`)
    if (version.schema) unknown.push(...unknownFields(version.schema, object))
    return { object: { ...object, metadata: metadata.object }, unknown }
  }
  try {
    const decoded = decodeGo(goKey(definition.group, version.version, definition.kind), object)
    return {
      object: { ...decoded.object, metadata: decoded.object['metadata'] ?? {} } as KubeObject,
      unknown: decoded.unknown,
    }
  } catch (error) {
    if (error instanceof GoDecodeError) throw fail(error.message)
    throw error
  }
}

import { Failure } from '../failure.ts'
import { type FieldSpec, visitField } from '../fieldspec.ts'
import type { Transformer } from '../transformer.ts'
import { wrongKind } from '../wrong-kind.ts'
import { text } from '../yaml/node.ts'

/** Sets keys in every mapping that the specs lead to: labels, selectors and annotations alike. */
export function stringsTransformer(
  pairs: Readonly<Record<string, string>>,
  fieldSpecs: readonly FieldSpec[],
): Transformer {
  const entries = Object.entries(pairs).sort(([a], [b]) => (a < b ? -1 : 1))
  return map => {
    if (entries.length === 0) return
    for (const resource of map.resources) {
      for (const spec of fieldSpecs) {
        visitField(resource.node, spec, 'mapping', node => {
          if (node.kind !== 'mapping') throw new Failure(wrongKind('MappingNode', node))
          for (const [key, value] of entries) node.set(key, text(value))
        })
      }
    }
  }
}

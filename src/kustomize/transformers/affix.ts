import { type FieldSpec, visitField } from '../fieldspec.ts'
import { isSelected } from '../resid.ts'
import type { Transformer } from '../transformer.ts'
import { untagged } from '../yaml/scalars.ts'

/** Kinds whose names mean something outside the cluster's objects: they keep them. */
const skipped = [
  { kind: 'CustomResourceDefinition' },
  { group: 'apiregistration.k8s.io', kind: 'APIService' },
  { kind: 'Namespace' },
]

/** `namePrefix`. */
export function prefixTransformer(prefix: string, fieldSpecs: readonly FieldSpec[]): Transformer {
  return affix('prefixes', prefix, fieldSpecs, old => prefix + old)
}

/** `nameSuffix`. */
export function suffixTransformer(suffix: string, fieldSpecs: readonly FieldSpec[]): Transformer {
  return affix('suffixes', suffix, fieldSpecs, old => old + suffix)
}

function affix(
  list: 'prefixes' | 'suffixes',
  text: string,
  fieldSpecs: readonly FieldSpec[],
  change: (old: string) => string,
): Transformer {
  return map => {
    if (text === '') return
    for (const resource of map.resources) {
      const id = resource.originalId
      if (skipped.some(selector => isSelected(id, selector))) continue
      for (const spec of fieldSpecs) {
        if (!isSelected(id, spec)) continue
        if (spec.path === 'metadata/name') {
          resource[list].push(text)
          resource.storePreviousId(map.scopes)
        }
        visitField(resource.node, spec, undefined, (node, replace) => {
          if (node.kind === 'scalar') replace(untagged(change(node.value), node))
        })
      }
    }
  }
}

import { Failure } from '../failure.ts'
import { type FieldSpec, visitField } from '../fieldspec.ts'
import type { ReplicaArgs } from '../kustomization.ts'
import { isSelected, printGvk } from '../resid.ts'
import type { Transformer } from '../transformer.ts'
import { Scalar } from '../yaml/node.ts'

/** `replicas`: the count of the workloads of a name. @throws Failure when there is none. */
export function replicaTransformer(replica: ReplicaArgs, fieldSpecs: readonly FieldSpec[]): Transformer {
  return map => {
    let found = false
    for (const spec of fieldSpecs) {
      for (const resource of map.byAnyId(id => id.name === (replica.name ?? '') && isSelected(id, spec))) {
        found = true
        visitField(resource.node, spec, 'scalar', (_node, replace) => {
          replace(new Scalar(String(replica.count ?? 0), 'int', true))
        })
      }
    }
    if (found) return
    const kinds = fieldSpecs.map(printGvk).join(' ')
    throw new Failure(
      `resource with name ${replica.name ?? ''} does not match a config with the following GVK [${kinds}]`,
    )
  }
}

import { Failure } from '../failure.ts'
import type { SelectorArgs } from '../kustomization.ts'
import { applyJsonPatch, parseJsonPatch } from '../merge/json-patch.ts'
import { notFound, select } from '../selector.ts'
import type { Transformer } from '../transformer.ts'

/** One entry of the deprecated `patchesJson6902`: JSON operations on the objects of a target. */
export function json6902Transformer(target: SelectorArgs | undefined, text: string, path: string): Transformer {
  if (!target?.name) throw new Failure('must specify the target name')
  let operations: ReturnType<typeof parseJsonPatch>
  try {
    operations = parseJsonPatch(text)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    throw new Failure(`decoding ${path || 'jsonOp'}: ${error.message}`, error.code)
  }
  if (operations.length === 0) throw new Failure(`patch appears to be empty; file=${path}, JsonOp=${text.trim()}`)
  return map => {
    const resources = select(map, target)
    if (resources.length === 0) throw notFound('patchesJson6902', target)
    for (const resource of resources) resource.node = applyJsonPatch(resource.node, operations)
  }
}

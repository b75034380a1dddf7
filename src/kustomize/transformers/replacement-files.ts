import { decode, type Shape } from '../decode.ts'
import { Failure } from '../failure.ts'
import type { ReplacementArgs } from '../kustomization.ts'
import type { Loader } from '../loader.ts'
import { replacementShape } from '../shapes.ts'
import type { YamlNode } from '../yaml/node.ts'
import { parseDocuments, YamlSyntaxError } from '../yaml/parse.ts'

/** The replacements of a kustomization, those of its files read: a file holds one or a list. */
export async function loadReplacements(
  entries: readonly ReplacementArgs[],
  loader: Loader,
): Promise<ReplacementArgs[]> {
  const result: ReplacementArgs[] = []
  for (const entry of entries) {
    if (!entry.path) {
      result.push(entry)
      continue
    }
    if (entry.source !== undefined || entry.targets !== undefined) {
      throw new Failure('cannot specify both path and inline replacement')
    }
    let nodes: YamlNode[]
    try {
      nodes = parseDocuments(await loader.text(entry.path))
    } catch (error) {
      if (error instanceof YamlSyntaxError) throw new Failure(error.message, 'E_KUSTOMIZE_YAML')
      throw error
    }
    const [node] = nodes
    if (node === undefined) continue
    const open: Shape = { ...replacementShape, open: true }
    if (node.kind === 'sequence') result.push(...(decode(node, { list: open }) as ReplacementArgs[]))
    else if (node.kind === 'mapping') result.push(decode(node, open) as ReplacementArgs)
    else throw new Failure(`unsupported replacement type encountered within replacement path: ${node.kind}`)
  }
  return result
}

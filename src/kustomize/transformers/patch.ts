import type { BuildContext } from '../context.ts'
import { resourcesFrom } from '../factory.ts'
import { Failure } from '../failure.ts'
import type { PatchArgs } from '../kustomization.ts'
import { applyJsonPatch, type Operation, parseJsonPatch } from '../merge/json-patch.ts'
import { strategicMerge } from '../merge/strategic.ts'
import { printId } from '../resid.ts'
import type { ResMap } from '../resmap.ts'
import type { Resource } from '../resource.ts'
import { select } from '../selector.ts'
import type { Transformer } from '../transformer.ts'
import { cloneNode } from '../yaml/node.ts'

/** Where a patch stands, for messages: the text itself, or the file. */
export interface PatchText {
  readonly text: string
  /** `[path: …]` or `[patch: …]`. */
  readonly source: string
}

/** One entry of `patches`: strategic merge patches or one list of JSON operations; which, decides the text. */
export function patchTransformer(args: PatchArgs, patch: PatchText, context: BuildContext): Transformer {
  const merges = attempt(() => resourcesFrom(patch.text))
  const operations = attempt(() => parseJsonPatch(patch.text))
  if (merges instanceof Failure && operations instanceof Failure) {
    throw new Failure(`unable to parse SM or JSON patch from ${patch.source}`, 'E_KUSTOMIZE_YAML')
  }
  if (merges instanceof Failure) return jsonTransformer(args, operations as Operation[], patch)
  if (!(operations instanceof Failure) && patch.text !== '') {
    throw new Failure(`illegally qualifies as both an SM and JSON patch: ${patch.source}`)
  }
  // An empty file counts as a list of no operations.
  if (merges.length === 0) return jsonTransformer(args, [], patch)
  for (const merge of merges) {
    merge.allowNameChange = args.options?.['allowNameChange'] ?? false
    merge.allowKindChange = args.options?.['allowKindChange'] ?? false
  }
  return mergeTransformer(args, merges, patch, context)
}

/** The patches of `patchesStrategicMerge`, each with the object of its own id as target. */
export function strategicTransformer(patches: readonly Resource[], context: BuildContext): Transformer {
  return map => {
    for (const patch of patches) applyToSelected(map, [map.target(patch.originalId)], patch, context)
  }
}

function attempt<T>(parse: () => T): T | Failure {
  try {
    return parse()
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
}

function jsonTransformer(args: PatchArgs, operations: readonly Operation[], patch: PatchText): Transformer {
  return map => {
    if (args.target === undefined) throw new Failure(`must specify a target for JSON patch ${patch.source}`)
    for (const resource of select(map, args.target)) {
      resource.storePreviousId(map.scopes)
      resource.node = applyJsonPatch(resource.node, operations)
    }
  }
}

function mergeTransformer(
  args: PatchArgs,
  patches: readonly Resource[],
  source: PatchText,
  context: BuildContext,
): Transformer {
  return map => {
    if (args.target !== undefined) {
      if (patches.length > 1) {
        throw new Failure(
          `Multiple Strategic-Merge Patches in one \`patches\` entry is not allowed to set \`patches.target\` field: ${source.source}`,
        )
      }
      const patch = patches[0]
      if (patch !== undefined) applyToSelected(map, select(map, args.target), patch, context)
      return
    }
    for (const patch of patches) {
      const id = patch.originalId
      let target: Resource
      try {
        target = map.target(id)
      } catch (error) {
        if (!(error instanceof Failure)) throw error
        throw new Failure(`no resource matches strategic merge patch "${printId(id)}": ${error.message}`)
      }
      applyMerge(target, patch.copy(), context)
    }
  }
}

/** Patches selected objects; the patch takes the apiVersion of each and keeps its own kind. */
function applyToSelected(map: ResMap, selected: readonly Resource[], patch: Resource, context: BuildContext): void {
  const ids = new Set(selected.map(resource => resource.key(map.scopes)))
  for (const resource of map.resources) {
    if (!ids.has(resource.key(map.scopes))) continue
    const copy = patch.copy()
    copy.apiVersion = resource.apiVersion
    applyMerge(resource, copy, context)
  }
  map.replaceAll(map.resources.filter(resource => !resource.isEmpty))
}

function applyMerge(resource: Resource, patch: Resource, context: BuildContext): void {
  const { name, namespace, kind } = resource
  if (patch.allowNameChange || patch.allowKindChange) resource.storePreviousId(context.scopes)
  const merged = strategicMerge(resource.node, cloneNode(patch.node), context.schemas)
  if (merged === undefined || merged.fields.size === 0) {
    resource.node.fields.clear()
    return
  }
  resource.node = merged
  if (!patch.allowKindChange) resource.kind = kind
  if (!patch.allowNameChange) resource.name = name
  resource.namespace = namespace
}

import { isObject, jsonEqual } from '../../base/json.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import { refOf } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import { applyManager } from '../contract.ts'
import type { IgnoreRule } from './rules.ts'

const parallel = 8

/**
 * The objects with what the cluster has in the fields that `spec.ignore` names, so that applying them changes nothing
 * there: a field that another program applies is left out, any other gets the value that is there. An object that is not
 * there yet is created as Git has it. Costs one read for each object that a rule names.
 */
export async function adoptIgnored(
  client: KubeClient,
  objects: readonly KubeObject[],
  rules: readonly IgnoreRule[],
  signal: AbortSignal,
): Promise<readonly KubeObject[]> {
  if (rules.length === 0) return objects
  const out = [...objects]
  const queue = [...objects.entries()].flatMap(([at, object]) => {
    const paths = rules.filter(rule => rule.matches(object)).flatMap(rule => rule.paths)
    return paths.length === 0 ? [] : [{ at, object, paths }]
  })
  const runner = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      const live = await client.find(refOf(item.object), { signal })
      if (live !== undefined) out[item.at] = adopted(item.object, live, item.paths)
    }
  }
  await Promise.all(Array.from({ length: Math.min(parallel, queue.length) }, runner))
  return out
}

/** One object with the ignored fields as the cluster has them. */
export function adopted(desired: KubeObject, live: KubeObject, paths: readonly (readonly string[])[]): KubeObject {
  const object = structuredClone(desired)
  for (const path of paths) {
    const [wanted, there] = [fieldAt(object, path), fieldAt(live, path)]
    if (wanted === undefined || jsonEqual(wanted, there)) continue
    change(object, path, there === undefined || appliedByOther(live, path) ? undefined : there)
  }
  return object
}

function fieldAt(root: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((here, step) => {
    if (Array.isArray(here)) return here[Number(step)]
    return isObject(here) && Object.hasOwn(here, step) ? here[step] : undefined
  }, root)
}

/** Sets a field that is there, or takes it out. */
function change(root: unknown, path: readonly string[], value: unknown): void {
  const holder = fieldAt(root, path.slice(0, -1))
  const last = path.at(-1) ?? ''
  if (Array.isArray(holder)) {
    if (value === undefined) holder.splice(Number(last), 1)
    else holder[Number(last)] = value
  } else if (isObject(holder)) {
    if (value === undefined) delete holder[last]
    else holder[last] = value
  }
}

/** Whether another manager owns the field by an apply: then both would fight over it. Places in lists are not looked up. */
function appliedByOther(live: KubeObject, path: readonly string[]): boolean {
  const others = (live.metadata.managedFields ?? []).filter(
    ({ manager, operation, subresource }) => operation === 'Apply' && manager !== applyManager && !subresource,
  )
  return others.some(({ fieldsV1 }) => {
    let here: unknown = fieldsV1
    for (const step of path) here = isObject(here) ? here[`f:${step}`] : undefined
    return here !== undefined
  })
}

import { isObject, jsonEqual } from '../../../base/json.ts'
import type { KubeClient } from '../../../kube/client/types.ts'
import { formatRef, refOf } from '../../../kube/identity.ts'
import type { JsonPatchOperation } from '../../../kube/merge/index.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { messageOf } from '../../failure.ts'
import { driftDetectionKey, helmManager } from '../contract.ts'
import { type IgnoredFields, without } from './ignore.ts'

/** One object that is not as it was released. */
export interface Drift {
  /** As it should be, for one that is gone. */
  readonly object: KubeObject
  /** What sets it right; undefined for one that is gone. */
  readonly patch: readonly JsonPatchOperation[] | undefined
}

const noise = ['managedFields', 'resourceVersion', 'uid', 'generation', 'creationTimestamp', 'selfLink']

/** Objects tried at once for one release. */
const parallel = 8

/**
 * Compares objects of a release with the cluster: the server says by a dry run what applying each of them would change.
 * Objects that are marked, or ignored as a whole, are left out.
 */
export async function detectDrift(
  client: KubeClient,
  objects: readonly KubeObject[],
  ignored: IgnoredFields,
  signal: AbortSignal,
): Promise<{ readonly drifts: Drift[]; readonly failures: string[] }> {
  const found: (Drift | undefined)[] = []
  const failures: string[] = []
  const queue = [...objects.entries()]
  const runner = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [index, object] = next
      try {
        found[index] = await driftOf(client, object, ignored, signal)
      } catch (error) {
        signal.throwIfAborted()
        failures.push(`${formatRef(refOf(object))}: ${messageOf(error)}`)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(parallel, objects.length) }, runner))
  return { drifts: found.filter(drift => drift !== undefined), failures }
}

async function driftOf(
  client: KubeClient,
  object: KubeObject,
  ignored: IgnoredFields,
  signal: AbortSignal,
): Promise<Drift | undefined> {
  const pointers = ignored(object)
  if (isExcluded(object) || pointers.some(steps => steps.length === 0)) return undefined
  const live = await client.find(refOf(object), { signal })
  if (live === undefined) return { object, patch: undefined }
  if (isExcluded(live)) return undefined
  const wanted = await client.apply(object, { fieldManager: helmManager, force: true, dryRun: true, signal })
  const strip = (value: KubeObject) => pointers.reduce<unknown>((rest, steps) => without(rest, steps), cleaned(value))
  const patch = operations(strip(live), strip(wanted), '')
  return patch.length === 0 ? undefined : { object, patch }
}

function isExcluded({ metadata }: KubeObject): boolean {
  const says = (map: Readonly<Record<string, string>> | undefined) => map?.[driftDetectionKey] === 'disabled'
  return says(metadata.labels) || says(metadata.annotations)
}

function cleaned(object: KubeObject): unknown {
  const { status: _status, metadata, ...rest } = object
  return { ...rest, metadata: Object.fromEntries(Object.entries(metadata).filter(([key]) => !noise.includes(key))) }
}

/** The JSON patch from one value to another: lists of other lengths are replaced as a whole. */
function operations(before: unknown, after: unknown, path: string): JsonPatchOperation[] {
  if (jsonEqual(before, after)) return []
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    return keys.flatMap(key => {
      const at = `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
      if (!Object.hasOwn(after, key)) return [{ op: 'remove', path: at } as JsonPatchOperation]
      if (!Object.hasOwn(before, key)) return [{ op: 'add', path: at, value: after[key] } as JsonPatchOperation]
      return operations(before[key], after[key], at)
    })
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return before.flatMap((item, index) => operations(item, after[index], `${path}/${index}`))
  }
  return [{ op: 'replace', path, value: after } as JsonPatchOperation]
}

/** What has drifted, one object a line, without any value (Flux: diff.SummarizeDiffSet). */
export function summaryOf(drifts: readonly Drift[]): string {
  return drifts
    .map(({ object, patch }) => {
      const name = formatRef(refOf(object))
      if (patch === undefined) return `${name} removed`
      const count = (op: string) => patch.filter(operation => operation.op === op).length
      return `${name} changed (${count('add')} additions, ${count('replace')} changes, ${count('remove')} removals)`
    })
    .join('\n')
}

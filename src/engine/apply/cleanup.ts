import { isObject } from '../../base/json.ts'
import { isConflict } from '../../kube/client/status.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import type { ObjectRef } from '../../kube/identity.ts'
import type { KubeObject, ManagedFieldsEntry } from '../../kube/object.ts'
import { applyManager } from '../contract.ts'

/** Left by `kubectl apply` and by older engines; taken away with the fields (fluxcd kustomize-controller, ssa cleanup). */
const staleAnnotations = [
  'kubectl.kubernetes.io/last-applied-configuration',
  'kustomize.toolkit.fluxcd.io/checksum',
  'fluxcd.io/sync-checksum',
]
const staleLabels = ['fluxcd.io/sync-gc-mark']

/** Whether fields of a manager are taken over, so that what people set by hand is reverted. */
function isTakenOver(entry: ManagedFieldsEntry): boolean {
  if (entry.subresource !== undefined && entry.subresource !== '') return false
  const manager = entry.manager ?? ''
  // `flux-client-side-apply` is the documented way to keep fields set with kubectl.
  if (manager === applyManager) return entry.operation === 'Update'
  return manager.startsWith('kubectl') || manager === 'before-first-apply'
}

/** Whether an object in the cluster needs {@link takeOver} before it is applied. */
export function needsTakeOver(live: KubeObject | undefined): boolean {
  const { managedFields, annotations, labels } = live?.metadata ?? {}
  return (
    managedFields?.some(isTakenOver) === true ||
    staleAnnotations.some(key => annotations?.[key] !== undefined) ||
    staleLabels.some(key => labels?.[key] !== undefined)
  )
}

/**
 * Makes our apply entry own what kubectl owned: the apply that follows then removes whatever Git does not have. Works on
 * a fresh reading and is tried again when somebody writes in between.
 */
export async function takeOver(client: KubeClient, ref: ObjectRef, signal: AbortSignal): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const live = await client.find(ref, { signal })
    const patch = live && takeOverPatch(live)
    if (patch === undefined) return
    try {
      await client.patch(ref, 'json', patch, { fieldManager: applyManager, signal })
      return
    } catch (error) {
      if (!isConflict(error) || attempt >= 5) throw error
    }
  }
}

/** The JSON patch of a take-over; undefined when there is nothing to take. */
export function takeOverPatch(live: KubeObject): object[] | undefined {
  if (!needsTakeOver(live)) return undefined
  const patch: object[] = []
  for (const [field, keys] of [
    ['annotations', staleAnnotations],
    ['labels', staleLabels],
  ] as const) {
    for (const key of keys) {
      if (live.metadata[field]?.[key] === undefined) continue
      patch.push({ op: 'remove', path: `/metadata/${field}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}` })
    }
  }
  const entries = live.metadata.managedFields ?? []
  const taken = entries.filter(isTakenOver)
  if (taken.length > 0) {
    const own = entries.find(
      entry => entry.manager === applyManager && entry.operation === 'Apply' && !entry.subresource,
    )
    const merged: ManagedFieldsEntry = {
      ...(own ?? taken[0]!),
      manager: applyManager,
      operation: 'Apply',
      fieldsV1: [...(own ? [own] : []), ...taken].reduce(
        (all, entry) => mergeFieldSets(all, entry.fieldsV1 ?? {}),
        {} as Record<string, unknown>,
      ),
    }
    const rest = entries.filter(entry => entry !== own && !taken.includes(entry))
    patch.push({ op: 'replace', path: '/metadata/managedFields', value: [...rest, merged] })
  }
  patch.push({ op: 'replace', path: '/metadata/resourceVersion', value: live.metadata.resourceVersion })
  return patch
}

/** The union of two field sets in FieldsV1 form: trees whose keys are path elements. */
function mergeFieldSets(a: Record<string, unknown>, b: Record<string, unknown>): Record<string, unknown> {
  const out: Record<string, unknown> = { ...a }
  for (const [key, value] of Object.entries(b)) {
    const before = out[key]
    out[key] = isObject(before) && isObject(value) ? mergeFieldSets(before, value) : value
  }
  return out
}

import type { KubeObject } from '../../../kube/object.ts'
import type { ServedKind } from '../kinds/registry.ts'
import { applyMergePatch } from './merge-seam.ts'

/** Turns the live object into the patched one; called again when a write came between. */
export type Patcher = (live: KubeObject) => unknown

/** How a patch of a content type is applied; undefined for types that the kind does not take. */
export function patcherFor(type: string, _kind: ServedKind): ((patch: unknown) => Patcher) | undefined {
  if (type === 'application/merge-patch+json') return patch => live => applyMergePatch(live, patch)
  if (type === 'application/strategic-merge-patch+json') return patch => live => applyMergePatch(live, patch)
  return undefined
}

import type { KubeObject } from '../kube/object.ts'

/** Annotations that tell of the past of an object, not of what is wanted. */
const passing = [
  'kubectl.kubernetes.io/last-applied-configuration',
  'reconcile.fluxcd.io/requestedAt',
  'reconcile.fluxcd.io/forceAt',
  'reconcile.fluxcd.io/resetAt',
]

/** An object as somebody would write it: without status and without what servers and engines put into its metadata. */
export function exportable(object: KubeObject): KubeObject {
  const { status: _, metadata, ...rest } = object as KubeObject & { status?: unknown }
  const { name, namespace, labels, annotations } = metadata
  const kept = withoutKeys(annotations, passing)
  // The owner's labels belong to whoever applies the copy.
  const ownLabels = withoutKeys(
    labels,
    Object.keys(labels ?? {}).filter(key => /^(?:kustomize|helm)\.toolkit\.fluxcd\.io\/(?:name|namespace)$/.test(key)),
  )
  return {
    ...rest,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(ownLabels ? { labels: ownLabels } : {}),
      ...(kept ? { annotations: kept } : {}),
    },
  } as KubeObject
}

function withoutKeys(
  map: Record<string, string> | undefined,
  keys: readonly string[],
): Record<string, string> | undefined {
  const entries = Object.entries(map ?? {}).filter(([key]) => !keys.includes(key))
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

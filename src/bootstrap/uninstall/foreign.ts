import type { KubeClient } from '../../kube/client/types.ts'
import type { KubeObject } from '../../kube/object.ts'
import { fluxKinds } from '../../specs/index.ts'

/** Kinds that say something about other objects, or that a controller keeps. */
const derived = new Set(['Event', 'EndpointSlice', 'Endpoints', 'Lease', 'PodMetrics'])

/**
 * Objects of a namespace that are nobody's but their maker's: not Sluice's, not made by the cluster itself, not a part of
 * another object. `Kind/name`.
 */
export async function foreignIn(
  client: KubeClient,
  namespace: string,
  secrets: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<string[]> {
  const groups = new Set(fluxKinds.map(kind => kind.group))
  const resources = (await client.resources({ signal })).filter(
    one => one.namespaced && one.verbs.includes('list') && !derived.has(one.kind) && !groups.has(one.group),
  )
  const found = await Promise.all(
    resources.map(async ({ group, version, kind }) => {
      const { items } = await client.list({ group, version, kind }, { namespace, signal, metadataOnly: true })
      return items
        .filter(object => !isExpected(kind, object, secrets))
        .map(({ metadata }) => `${kind}/${metadata.name}`)
    }),
  )
  return found.flat().sort()
}

function isExpected(kind: string, { metadata }: KubeObject, secrets: ReadonlySet<string>): boolean {
  const { name = '', labels = {}, ownerReferences = [] } = metadata
  if (labels['app.kubernetes.io/managed-by'] === 'sluice' && labels['app.kubernetes.io/part-of'] === 'sluice')
    return true
  if (ownerReferences.length > 0) return true
  if (kind === 'ConfigMap') return name === 'kube-root-ca.crt'
  if (kind === 'ServiceAccount') return name === 'default'
  return kind === 'Secret' && secrets.has(name)
}

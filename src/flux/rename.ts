import { isObject } from '../base/json.ts'
import type { KubeObject } from '../kube/object.ts'

/** Puts everything into another namespace, as `flux install --namespace` does: what has the old one in its name, too. */
export function withNamespace(objects: readonly KubeObject[], from: string, to: string): KubeObject[] {
  const suffixed = (name: string): string => (name.endsWith(`-${from}`) ? `${name.slice(0, -from.length)}${to}` : name)
  return objects.map(object => {
    const { name = '', namespace } = object.metadata
    const metadata = {
      ...object.metadata,
      name: object.kind === 'Namespace' ? to : hasSuffix(object) ? suffixed(name) : name,
      ...(namespace === undefined ? {} : { namespace: to }),
    }
    const renamed = { ...object, metadata }
    const { roleRef, subjects } = object as KubeObject & { roleRef?: unknown; subjects?: unknown }
    if (isObject(roleRef) && typeof roleRef['name'] === 'string')
      Object.assign(renamed, { roleRef: { ...roleRef, name: suffixed(roleRef['name']) } })
    if (Array.isArray(subjects))
      Object.assign(renamed, {
        subjects: subjects.map(one => (isObject(one) && one['namespace'] === from ? { ...one, namespace: to } : one)),
      })
    return renamed
  })
}

/** Names of objects without a namespace, and of the quota, end in the namespace: two installations do not meet. */
function hasSuffix({ kind }: KubeObject): boolean {
  return kind === 'ClusterRole' || kind === 'ClusterRoleBinding' || kind === 'ResourceQuota'
}

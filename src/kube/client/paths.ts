import { SluiceError } from '../../base/errors/index.ts'
import { formatApiVersion, type GroupVersionKind, parseApiVersion } from '../identity.ts'
import type { ApiResource, KindRef } from './types.ts'

/** A kind given in either form, as group, version and kind. */
export function toGvk(kind: KindRef): GroupVersionKind {
  return 'apiVersion' in kind ? { ...parseApiVersion(kind.apiVersion), kind: kind.kind } : kind
}

/** The path of a collection: all namespaces when `namespace` is '' or absent. */
export function collectionPath(resource: ApiResource, namespace?: string): string {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`
  const within = namespace && resource.namespaced ? `/namespaces/${segment(namespace, 'namespace')}` : ''
  return `${root}${within}/${resource.plural}`
}

/** The path of one object, with an optional subresource. */
export function objectPath(resource: ApiResource, namespace: string, name: string, subresource?: string): string {
  if (resource.namespaced && namespace === '') {
    throw new SluiceError('E_KUBE_OBJECT', {
      object: `${resource.kind}/${name}`,
      expected: `a namespace (${formatApiVersion(resource)} ${resource.kind} is namespaced)`,
      seen: 'none',
    })
  }
  const tail = subresource === undefined ? '' : `/${subresource}`
  return `${collectionPath(resource, namespace)}/${segment(name, `name of a ${resource.kind}`)}${tail}`
}

// Kubernetes' path.IsValidPathSegmentName: what could lead to another resource than the one that was checked.
function segment(text: string, what: string): string {
  if (text === '' || text === '.' || text === '..' || /[/%]/.test(text)) {
    throw new SluiceError('E_KUBE_OBJECT', {
      object: what,
      expected: 'a text that is not empty, "." or "..", and has no "/" or "%"',
      seen: JSON.stringify(text.slice(0, 100)),
    })
  }
  return encodeURIComponent(text)
}

/** Appends query parameters; undefined ones are left out. */
export function withQuery(
  path: string,
  query: Readonly<Record<string, string | number | boolean | undefined>> | undefined,
): string {
  if (!query) return path
  let out = path
  let mark = path.includes('?') ? '&' : '?'
  for (const key in query) {
    const value = query[key]
    if (value === undefined) continue
    out += `${mark}${key}=${encodeURIComponent(value)}`
    mark = '&'
  }
  return out
}

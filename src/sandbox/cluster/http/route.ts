import type { KindRegistry, ServedKind } from '../kinds/registry.ts'
import type { Verb } from './request.ts'
import { badRequest, methodNotAllowed, PageNotFound, pathNotFound } from './status.ts'

/** Where a request goes: a resource, or a path of the server itself. */
export type Route =
  | { readonly type: 'path'; readonly path: string }
  | {
      readonly type: 'resource'
      readonly verb: Verb
      readonly kind: ServedKind
      readonly namespace: string
      readonly name: string
      readonly subresource: string
    }

const methods: Readonly<Record<string, { readonly item: Verb; readonly collection: Verb } | undefined>> = {
  GET: { item: 'get', collection: 'list' },
  HEAD: { item: 'get', collection: 'list' },
  POST: { item: 'create', collection: 'create' },
  PUT: { item: 'update', collection: 'update' },
  PATCH: { item: 'patch', collection: 'patch' },
  DELETE: { item: 'delete', collection: 'deletecollection' },
}

/**
 * Reads a path as Kubernetes does: `/api/v1/…` and `/apis/GROUP/VERSION/…`, then `[namespaces/NS/]RESOURCE[/NAME[/SUBRESOURCE]]`.
 * Paths with fewer parts are documents of discovery and others.
 */
export function route(kinds: KindRegistry, method: string, path: string, query: URLSearchParams): Route {
  const parts = splitPath(path)
  const core = parts[0] === 'api'
  if ((!core && parts[0] !== 'apis') || parts.length <= (core ? 2 : 3))
    return { type: 'path', path: `/${parts.join('/')}` }
  const group = core ? '' : parts[1]!
  const version = parts[core ? 1 : 2]!
  let rest = parts.slice(core ? 2 : 3)
  // The old form /watch/… is still served by Kubernetes.
  const oldWatch = rest[0] === 'watch' && rest.length > 1
  if (oldWatch) rest = rest.slice(1)
  let namespace = ''
  if (rest[0] === 'namespaces' && rest.length >= 3 && !(group === '' && namespaceSubresources.has(rest[2]!))) {
    namespace = rest[1]!
    rest = rest.slice(2)
  }
  const [plural = '', name = '', ...more] = rest
  const kind = kinds.byPath(group, version, plural)
  if (!kind) throw nothingThere(kinds, group, version)
  const { namespaced, custom } = kind.definition
  if (namespaced ? namespace === '' && name !== '' : namespace !== '')
    throw custom ? new PageNotFound() : pathNotFound()
  const subresource = more.join('/')
  if (subresource !== '' && !hasSubresource(kind, more[0]!)) throw pathNotFound()
  const verbs = methods[method]
  if (!verbs) throw methodNotAllowed()
  const wantsWatch = oldWatch || isTrue(query.get('watch'))
  let verb = name === '' ? verbs.collection : verbs.item
  // A watch parameter on the path of one object is ignored, as Kubernetes does; /watch/… on it is a watch of one.
  if (method === 'GET' && wantsWatch && subresource === '' && (name === '' || oldWatch)) verb = 'watch'
  if (!allowed(kind, verb, namespace, name, subresource)) throw methodNotAllowed()
  return { type: 'resource', verb, kind, namespace, name, subresource }
}

/** Custom groups and unknown ones answer in plain text, groups of builtin kinds with a Status. */
function nothingThere(kinds: KindRegistry, group: string, version: string): Error {
  const [first] = kinds.resources(group, version)
  return first && !first.definition.custom ? pathNotFound() : new PageNotFound()
}

const namespaceSubresources = new Set(['status', 'finalize'])

/** Whether a query parameter counts as true, as Go's conversion of query parameters reads it. */
export function isTrue(value: string | null): boolean {
  return value !== null && value !== 'false' && value !== '0'
}

function splitPath(path: string): string[] {
  const parts = path.split('/').filter(part => part !== '')
  return path.includes('%') ? parts.map(decode) : parts
}

function decode(part: string): string {
  let text: string
  try {
    text = decodeURIComponent(part)
  } catch {
    throw badRequest(`invalid URL escape in "${part}"`)
  }
  return text
}

function hasSubresource(kind: ServedKind, name: string): boolean {
  const { subresources, otherSubresources } = kind.version
  if (name === 'status') return subresources.status === true
  if (name === 'scale') return subresources.scale !== undefined
  return otherSubresources?.some(other => other.name === name) ?? false
}

function allowed(kind: ServedKind, verb: Verb, namespace: string, name: string, subresource: string): boolean {
  if (subresource !== '') {
    const other = kind.version.otherSubresources?.find(sub => sub.name === subresource.split('/')[0])
    return other ? other.verbs.includes(verb) : verb === 'get' || verb === 'update' || verb === 'patch'
  }
  if (verb === 'create' && (name !== '' || (kind.definition.namespaced && namespace === '' && !kind.version.virtual)))
    return false
  if ((verb === 'update' || verb === 'patch' || verb === 'delete') && name === '') return false
  if (verb === 'deletecollection' && kind.definition.namespaced && namespace === '') return false
  return kind.version.verbs.includes(verb)
}

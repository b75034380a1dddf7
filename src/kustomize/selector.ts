import { Failure } from './failure.ts'
import { goRegExp } from './go-regexp.ts'
import type { SelectorArgs } from './kustomization.ts'
import { parseLabelSelector } from './label-selector.ts'
import { effectiveNamespace } from './resid.ts'
import type { ResMap } from './resmap.ts'
import type { Resource } from './resource.ts'

/** The objects that a selector selects: every part given must match; names and namespaces may also be the original. */
export function select(map: ResMap, selector: SelectorArgs): Resource[] {
  const part = (pattern: string | undefined): ((text: string) => boolean) => {
    if (pattern === undefined || pattern === '') return () => true
    const expression = goRegExp(`^(?:${pattern})$`)
    return text => expression.test(text)
  }
  const name = part(selector.name)
  const namespace = part(selector.namespace)
  const group = part(selector.group)
  const version = part(selector.version)
  const kind = part(selector.kind)
  const labels = parseLabelSelector(selector.labelSelector ?? '')
  const annotations = parseLabelSelector(selector.annotationSelector ?? '')
  return map.resources.filter(resource => {
    const id = resource.id
    const original = resource.originalId
    return (
      (namespace(effectiveNamespace(original, map.scopes)) || namespace(effectiveNamespace(id, map.scopes))) &&
      (name(original.name) || name(id.name)) &&
      group(id.group) &&
      version(id.version) &&
      kind(id.kind) &&
      labels(resource.labels) &&
      annotations(resource.annotations)
    )
  })
}

/** The words for a selector that found nothing. */
export function notFound(what: string, selector: SelectorArgs): Failure {
  const id = `${selector.kind || '[noKind]'}.${selector.version || '[noVer]'}.${selector.group || '[noGrp]'}`
  return new Failure(
    `${what} target not found for ${id}/${selector.name || '[noName]'}.${selector.namespace || '[noNs]'}`,
  )
}

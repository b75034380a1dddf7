import { originAnnotation } from './resmap.ts'
import type { Resource } from './resource.ts'
import { needsQuotes } from './yaml/resolve.ts'
import { printString } from './yaml/strings.ts'

/** Where kustomize notes which transformers touched an object. */
export const transformationsAnnotation = 'alpha.config.kubernetes.io/transformations'

/** From where an object or transformer comes, for `buildMetadata`. */
export interface Origin {
  readonly path?: string
  readonly configuredIn?: string
  readonly configuredBy?: { readonly apiVersion: string; readonly kind: string; readonly name?: string }
}

function line(key: string, value: string, indent: number): string {
  const place = { indent: indent + 2, column: indent + key.length + 2, key: false, quoted: needsQuotes(value) }
  return `${' '.repeat(indent)}${key}: ${printString(value, place)}\n`
}

/** The origin as YAML, fields in the order of kustomize's struct. */
export function printOrigin(origin: Origin, indent = 0): string {
  let out = ''
  if (origin.path) out += line('path', origin.path, indent)
  if (origin.configuredIn) out += line('configuredIn', origin.configuredIn, indent)
  if (origin.configuredBy !== undefined) {
    out += `${' '.repeat(indent)}configuredBy:\n`
    out += line('apiVersion', origin.configuredBy.apiVersion, indent + 2)
    out += line('kind', origin.configuredBy.kind, indent + 2)
    if (origin.configuredBy.name) out += line('name', origin.configuredBy.name, indent + 2)
  }
  return out
}

/** Notes the origin of objects that have none yet. */
export function addOrigin(resources: readonly Resource[], origin: Origin): void {
  for (const resource of resources) {
    const { annotations } = resource
    if (annotations.has(originAnnotation)) continue
    annotations.set(originAnnotation, printOrigin(origin))
    resource.setAnnotations(annotations)
  }
}

/** Notes a transformer on every object; one without origin was made by it. */
export function addTransformation(resources: readonly Resource[], origin: Origin): void {
  for (const resource of resources) {
    const { annotations } = resource
    if (!annotations.has(originAnnotation)) annotations.set(originAnnotation, printOrigin(origin))
    else {
      const entry = printOrigin(origin, 2).replace(/^ {2}/, '- ')
      annotations.set(transformationsAnnotation, (annotations.get(transformationsAnnotation) ?? '') + entry)
    }
    resource.setAnnotations(annotations)
  }
}

/** The origin of a transformer or generator that stands in a file: its own, in the words for a plugin. */
export function pluginOrigin(resource: Resource): Origin | undefined {
  const path = /^path: (.*)$/m.exec(resource.annotations.get(originAnnotation) ?? '')?.[1]
  if (path === undefined) return undefined
  const { apiVersion, kind, name } = resource
  return { configuredIn: path, configuredBy: { apiVersion, kind, name } }
}

/** Two paths joined, `..` kept at the front where it leads out of the built folder. */
export function joinedPath(base: string, path: string): string {
  const parts: string[] = []
  for (const part of `${base}/${path}`.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else parts.push(part)
  }
  return parts.join('/')
}

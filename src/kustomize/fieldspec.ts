import { Failure, wrapped } from './failure.ts'
import { type GvkSelector, isSelected, printId, splitApiVersion } from './resid.ts'
import { Mapping, Scalar, Sequence, scalarText, type YamlNode } from './yaml/node.ts'

/** A field of some kinds: `path` is `/`-separated, `\/` is a slash, lists are passed through, `[]` marks a list. */
export interface FieldSpec extends GvkSelector {
  readonly path: string
  /** Whether the field (and the mappings on the way) are made when missing. */
  readonly create?: boolean
}

/** What is made when a field is missing. */
export type CreateKind = 'mapping' | 'scalar'

/** Called for every node that a path leads to; `replace` puts another node in its place. */
export type Visit = (node: YamlNode, replace: (node: YamlNode) => void) => void

/** Visits a field of one object. @throws Failure when the path runs into a scalar. */
export function visitField(object: Mapping, spec: FieldSpec, create: CreateKind | undefined, visit: Visit): void {
  const kind = scalarText(object.get('kind'))
  // Most specs are for other kinds.
  if (spec.kind && spec.kind !== kind) return
  const gvk = { ...splitApiVersion(scalarText(object.get('apiVersion'))), kind }
  if (!isSelected(gvk, spec)) return
  const path = splitPath(spec.path)
  // Nothing on the way and nothing to make: the usual case, and worth a shortcut.
  if (spec.create !== true && !object.fields.has(path[0]!.endsWith('[]') ? path[0]!.slice(0, -2) : path[0]!)) return
  try {
    descend(object, path, 0, spec.create === true ? create : undefined, visit, () => {})
  } catch (error) {
    const metadata = object.get('metadata')
    const field = (name: string): string => (metadata?.kind === 'mapping' ? scalarText(metadata.get(name)) : '')
    const id = printId({ ...gvk, name: field('name'), namespace: field('namespace') })
    throw wrapped(error, `considering field '${spec.path}' of object ${id}`)
  }
}

/** Whether a field is there, through any list. */
export function hasField(object: Mapping, spec: FieldSpec): boolean {
  let found = false
  try {
    descend(
      object,
      splitPath(spec.path),
      0,
      undefined,
      () => (found = true),
      () => {},
    )
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return true
  }
  return found
}

function descend(
  node: YamlNode,
  path: readonly string[],
  at: number,
  create: CreateKind | undefined,
  visit: Visit,
  replace: (node: YamlNode) => void,
): void {
  if (at === path.length) {
    visit(node, replace)
    return
  }
  if (node.kind === 'scalar') {
    if (node.tag === 'null') return
    throw new Failure('expected sequence or mapping node')
  }
  if (node.kind === 'sequence') {
    const { items } = node
    for (let i = 0; i < items.length; i++) {
      descend(items[i]!, path, at, create, visit, other => {
        items[i] = other
      })
    }
    return
  }
  const step = path[at]!
  const isList = step.endsWith('[]')
  const name = isList ? step.slice(0, -2) : step
  let child = node.fields.get(name)
  const make = isList ? undefined : create
  const last = at === path.length - 1
  if (child === undefined) {
    if (make === undefined) return
    child = last && make === 'scalar' ? new Scalar('', '', true) : new Mapping()
    node.fields.set(name, child)
  } else if (child.kind === 'scalar' && child.tag === 'null') {
    // A null becomes what would have been made in its place.
    if (isList) child = new Sequence()
    else if (make !== undefined) child = last && make === 'scalar' ? new Scalar('', '', true) : new Mapping()
    node.fields.set(name, child)
  }
  descend(child, path, at + 1, create, visit, other => {
    node.fields.set(name, other)
  })
}

const paths = new Map<string, readonly string[]>()

/** The steps of a path; kept, because the same few hundred paths are split for every object. */
export function splitPath(path: string): readonly string[] {
  const cached = paths.get(path)
  if (cached !== undefined) return cached
  const steps: string[] = []
  for (const part of path.split('/')) {
    const last = steps.at(-1)
    if (last?.endsWith('\\')) steps[steps.length - 1] = `${last.slice(0, -1)}/${part}`
    else steps.push(part)
  }
  if (paths.size < 5000) paths.set(path, steps)
  return steps
}

/** Adds field specs that are not there yet. @throws Failure when one differs only in `create`. */
export function mergeFieldSpecs(own: readonly FieldSpec[], incoming: readonly FieldSpec[]): FieldSpec[] {
  const result = [...own]
  for (const spec of incoming) {
    const same = result.find(
      other =>
        other.path === spec.path &&
        isSelected({ group: other.group ?? '', version: other.version ?? '', kind: other.kind ?? '' }, spec),
    )
    if (same === undefined) result.push(spec)
    else if ((same.create ?? false) !== (spec.create ?? false)) throw new Failure('conflicting fieldspecs')
  }
  return result
}

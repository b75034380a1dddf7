import { Failure, wrapped } from '../failure.ts'
import { getAt, matchAll, type Slot, splitFieldPath } from '../field-path.ts'
import type { FieldOptions, ReplacementArgs, SelectorArgs, SourceSelector, TargetSelector } from '../kustomization.ts'
import { parseLabelSelector } from '../label-selector.ts'
import { effectiveNamespace, isSelected, printId, type ResId } from '../resid.ts'
import type { ResMap } from '../resmap.ts'
import type { Resource } from '../resource.ts'
import type { Scopes } from '../scope.ts'
import type { Transformer } from '../transformer.ts'
import { cloneNode, Scalar, scalarText, text, type YamlNode } from '../yaml/node.ts'
import { resolvePlain } from '../yaml/resolve.ts'

const defaultPath = 'metadata.name'

/** `replacements`: copies a field of one object into fields of others. */
export function replacementTransformer(replacements: readonly ReplacementArgs[]): Transformer {
  return map => {
    for (const { source, sourceValue, targets } of replacements) {
      if ((source === undefined && sourceValue === undefined) || targets === undefined) {
        throw new Failure('replacements must specify a source and at least one target')
      }
      const value = source === undefined ? text(sourceValue!) : sourceNode(map, source)
      for (const target of targets) copyTo(map, target, value)
    }
  }
}

/** Every id that an object has or had. */
function idsOf(resource: Resource): ResId[] {
  return [resource.id, ...resource.pastIds]
}

function selects(selector: SelectorArgs, id: ResId, scopes: Scopes): boolean {
  if (selector.name && selector.name !== id.name) return false
  if (selector.namespace) {
    const wanted = selector.namespace === '' ? 'default' : selector.namespace
    if (effectiveNamespace(id, scopes) !== wanted) return false
  }
  return isSelected(id, selector)
}

function sourceNode(map: ResMap, source: SourceSelector): YamlNode {
  const found = map.resources.filter(resource => idsOf(resource).some(id => selects(source, id, map.scopes)))
  if (found.length > 1) throw new Failure(`multiple matches for selector ${printSelector(source)}`)
  if (found.length === 0) throw new Failure(`nothing selected by ${printSelector(source)}`)
  const path = source.fieldPath || defaultPath
  const node = getAt(found[0]!.node, splitFieldPath(path))
  if (node === undefined || isEmpty(node)) {
    throw new Failure(`fieldPath \`${path}\` is missing for replacement source ${printId(idOf(source))}`)
  }
  return refined(node, source.options)
}

function idOf(selector: SelectorArgs): ResId {
  const { group = '', version = '', kind = '', name = '', namespace = '' } = selector
  return { group, version, kind, name, namespace }
}

function printSelector(source: SourceSelector): string {
  return printId(idOf(source)) + (source.fieldPath ? `:${source.fieldPath}` : '')
}

function isEmpty(node: YamlNode): boolean {
  if (node.kind === 'scalar') return node.tag === 'null'
  return node.kind === 'mapping' ? node.fields.size === 0 : node.items.length === 0
}

/** The part of a source's text that the delimiter and index name. */
function refined(node: YamlNode, options: FieldOptions | undefined): YamlNode {
  if (!options?.delimiter) return node
  if (node.kind !== 'scalar') throw new Failure('delimiter option can only be used with scalar nodes')
  const parts = node.value.split(options.delimiter)
  const index = options.index ?? 0
  if (index >= parts.length || index < 0) {
    throw new Failure(`options.index ${index} is out of bounds for value ${node.value}`)
  }
  const part = cloneNode(node) as Scalar
  part.value = parts[index]!
  return part
}

function copyTo(map: ResMap, target: TargetSelector, value: YamlNode): void {
  const { select } = target
  if (select === undefined) throw new Failure('target must specify resources to select')
  const wanted = labelTest(select)
  const rejects = target.reject ?? []
  const unwanted = rejects.filter(reject => reject.labelSelector || reject.annotationSelector).map(labelTest)
  const rejected = rejects.filter(reject => Object.values(idOf(reject)).some(part => part !== ''))
  for (const resource of map.resources) {
    if (!wanted(resource) || unwanted.some(test => test(resource))) continue
    const hit = idsOf(resource).some(
      id => selects(select, id, map.scopes) && !rejected.some(reject => selects(reject, id, map.scopes)),
    )
    if (hit)
      for (const path of target.fieldPaths?.length ? target.fieldPaths : [defaultPath])
        copyValue(resource, path, target, value)
  }
}

function labelTest(selector: SelectorArgs): (resource: Resource) => boolean {
  const labels = parseLabelSelector(selector.labelSelector ?? '')
  const annotations = parseLabelSelector(selector.annotationSelector ?? '')
  return resource => labels(resource.labels) && annotations(resource.annotations)
}

function copyValue(resource: Resource, path: string, target: TargetSelector, value: YamlNode): void {
  const create = target.options?.create === true ? value.kind : undefined
  const what = `unable to find ${create === undefined ? '' : 'or create '}field "${path}" in replacement target`
  let slots: Slot[]
  try {
    slots = matchAll(resource.node, splitFieldPath(path), create)
  } catch (error) {
    throw wrapped(error, what)
  }
  if (slots.length === 0) throw new Failure(what)
  for (const slot of slots) setValue(slot, value, target.options)
}

function setValue(slot: Slot, source: YamlNode, options: FieldOptions | undefined): void {
  const { node } = slot
  const value = cloneNode(source)
  if (options?.delimiter) {
    if (node.kind !== 'scalar') throw new Failure('delimiter option can only be used with scalar nodes')
    const parts = node.value.split(options.delimiter)
    const index = options.index ?? 0
    if (index < 0) parts.unshift(scalarText(value))
    else if (index >= parts.length) parts.push(scalarText(value))
    else parts[index] = scalarText(value)
    if (value.kind === 'scalar') value.value = parts.join(options.delimiter)
  }
  if (node.kind !== 'scalar') {
    slot.set(value)
    return
  }
  // A scalar keeps its type; one that was just made takes the type that the text has without quotes.
  // Only text is copied over a scalar, and a collection has none.
  const words = scalarText(value)
  slot.set(retyped(words, node.tag === '' ? resolvePlain(words) : node.tag, node))
}

function retyped(value: string, tag: string, old: Scalar): Scalar {
  if (tag === 'str' || tag === '' || resolvePlain(value) === tag) return new Scalar(value, tag, old.plain)
  // kyaml would print the text with a tag that it does not fit, and fail when it reads that back.
  throw new Failure(`yaml: cannot decode !!${resolvePlain(value)} \`${value}\` as a !!${tag}`)
}

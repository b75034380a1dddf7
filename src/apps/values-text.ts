import { Document, isMap, parseDocument } from 'yaml'
import { jsonEqual } from '../base/json.ts'
import { parseYaml, stringifyYaml } from '../kube/yaml/index.ts'
import { setInDocument } from './edit-document.ts'
import { at } from './release.ts'
import type { Values } from './types.ts'

const style = { lineWidth: 0, aliasDuplicateObjects: false } as const

/** The values of a release as they stand in its file, with their comments; '' when there are none. */
export function valuesTextIn(release: string): string {
  try {
    const document = parseDocument(release)
    const node = document.getIn(['spec', 'values'], true)
    if (!isMap(node) || node.items.length === 0) return ''
    const own = new Document()
    own.contents = node as unknown as typeof own.contents
    return own.toString(style)
  } catch {
    return ''
  }
}

/**
 * A release with the values of a YAML text, comments of the text included. Where that cannot be done the values are set
 * without them.
 */
export function setValuesText(release: string, text: string, values: Values): string {
  const plain = () => setInDocument(release, ['spec', 'values'], values)
  if (!/(?:^|\s)#/m.test(text)) return plain()
  try {
    const document = parseDocument(release)
    const given = parseDocument(text)
    if (!isMap(given.contents) || given.errors.length > 0 || document.errors.length > 0) return plain()
    if (given.commentBefore) given.contents.commentBefore = given.commentBefore
    document.setIn(['spec', 'values'], given.contents)
    const out = document.toString(style)
    return jsonEqual(at(parseYaml(out), 'spec', 'values') ?? {}, values) ? out : plain()
  } catch {
    return plain()
  }
}

/** Values as YAML; '' for none. */
export function valuesTextOf(values: Values): string {
  return Object.keys(values).length === 0 ? '' : stringifyYaml(values)
}

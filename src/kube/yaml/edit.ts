import { SluiceError } from '../../base/errors/index.ts'
import { isObject, jsonEqual } from '../../base/json.ts'
import { applyToValue, formatPath, type YamlPath } from './edit-path.ts'
import { spliceRemove, spliceSet } from './edit-splice.ts'
import { parseYamlStream, type YamlDocument, type YamlOptions } from './parse.ts'
import { splitDocuments } from './split.ts'
import { stringifyYaml } from './stringify.ts'
import { decodeText } from './text.ts'

/** One change of a YAML text. */
export interface YamlEdit {
  /** Which document: its position (0, the first, when absent), or a test that the first match passes. */
  readonly document?: number | ((value: unknown) => boolean)
  /** Where in the document. An index equal to the length of a list, or `-`, appends to it. */
  readonly path: YamlPath
  /** The new value; `undefined` removes the key or list item. */
  readonly value: unknown
}

/**
 * Changes values in a YAML text and leaves every other byte as it is: comments, order, quotes, indentation, line ends.
 * A scalar keeps its style of quotes; a missing key is added behind its siblings, missing mappings on the way are made;
 * a value that is already there changes nothing. Every result is read back and compared with what was asked for, so an
 * edit is right or refused.
 *
 * @throws SluiceError E_YAML_EDIT when the place is not there or cannot be changed alone (behind an alias, say).
 * @example
 * const path = ['spec', 'workerNodeGroupConfigurations', { key: 'name', value: 'md-0' }, 'count']
 * editYaml(text, [{ path, value: 5 }])
 */
export function editYaml(input: string, edits: readonly YamlEdit[], options: YamlOptions = {}): string {
  let text = input
  for (const edit of edits) text = applyEdit(text, edit, options)
  return text
}

function applyEdit(text: string, edit: YamlEdit, options: YamlOptions): string {
  const documents = parseYamlStream(text, options)
  const document = chooseDocument(documents, edit)
  if (!document) throw refused(edit, options, 'the file has no such document')
  const expected = applyToValue(document.value, edit.path, edit.value)
  if (typeof expected === 'string') throw refused(edit, options, expected)
  if (jsonEqual(expected.value, document.value)) return text
  const changed = splice(text, document, edit, options)
  const after = parseYamlStream(changed, options)
  const right =
    after.length === documents.length &&
    after.every((d, i) => jsonEqual(d.value, i === document.index ? expected.value : documents[i]?.value))
  if (!right) throw refused(edit, options, 'the change would touch other values, through an alias or merge key perhaps')
  return changed
}

function splice(text: string, document: YamlDocument, edit: YamlEdit, options: YamlOptions): string {
  const body = decodeText(text, options)
  const mark = text.slice(0, text.length - body.length)
  const chunk = chunkAt(body, document.line)
  if (!chunk) throw refused(edit, options, 'the document could not be found in the text')
  const piece = body.slice(chunk.start, chunk.end)
  const done =
    edit.value === undefined ? spliceRemove(piece, edit.path) : spliceSet(piece, edit.path, asJson(edit.value))
  if (done.problem !== undefined) throw refused(edit, options, done.problem)
  return mark + body.slice(0, chunk.start) + done.text + body.slice(chunk.end)
}

/** The piece of the stream that holds a line. */
function chunkAt(text: string, line: number): { start: number; end: number } | undefined {
  const chunks = splitDocuments(text).filter(chunk => chunk.line <= line)
  const chunk = chunks[chunks.length - 1]
  return chunk && { start: chunk.start, end: chunk.start + chunk.text.length }
}

function chooseDocument(documents: readonly YamlDocument[], { document = 0 }: YamlEdit): YamlDocument | undefined {
  return typeof document === 'number' ? documents[document] : documents.find(({ value }) => document(value))
}

/** Refuses what YAML has no form for before anything is written. */
function asJson(value: unknown): unknown {
  if (isObject(value) || Array.isArray(value)) stringifyYaml(value)
  return value
}

function refused(edit: YamlEdit, { source }: YamlOptions, seen: string): SluiceError {
  const path = formatPath(edit.path)
  return new SluiceError('E_YAML_EDIT', { object: source === undefined ? path : `${source} ${path}`, seen })
}

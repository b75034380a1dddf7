import { SluiceError } from '../base/errors/index.ts'
import { isObject, jsonEqual } from '../base/json.ts'
import { editYaml, parseYamlStream, stringifyYaml, type YamlEdit, type YamlPath } from '../kube/yaml/index.ts'

/**
 * The text of a YAML document with another value, changed in as few places as possible, so that comments, order and
 * quoting stay as their author wrote them. A text that already has the value comes back as it is; a null counts as an
 * absent field, as it does for the API server. When the change has no small form (behind an alias, say) the whole
 * document is written anew.
 *
 * @example
 * editDocument('a: 1 # one\nb: 2\n', { a: 3, b: 2 }) // 'a: 3 # one\nb: 2\n'
 */
export function editDocument(text: string, target: Record<string, unknown>): string {
  const before = parseYamlStream(text)[0]?.value
  const edits: YamlEdit[] = []
  collect(before, target, [], edits)
  try {
    const edited = editYaml(text, edits)
    if (sameValue(parseYamlStream(edited)[0]?.value, target)) return edited
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error
  }
  return stringifyYaml(target)
}

/** The edits that lead from one value to another: single fields where both are mappings, whole values elsewhere. */
function collect(before: unknown, after: unknown, path: YamlPath, edits: YamlEdit[]): void {
  if (sameValue(before, after)) return
  if (isObject(before) && isObject(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      collect(before[key], after[key], [...path, key], edits)
    }
  } else if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    after.forEach((item, i) => {
      collect(before[i], item, [...path, i], edits)
    })
  } else edits.push({ path, value: after })
}

function sameValue(a: unknown, b: unknown): boolean {
  return jsonEqual(withoutNulls(a), withoutNulls(b))
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (!isObject(value)) return value ?? undefined
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== null && item !== undefined)
      .map(([key, item]) => [key, withoutNulls(item)]),
  )
}

import { isObject, jsonEqual } from '../base/json.ts'
import { editYaml, parseYamlStream, stringifyYaml, type YamlEdit, type YamlPath } from '../kube/yaml/index.ts'

/**
 * A text of one YAML document with another value at a path, changed in as few places as it can be: comments, order and
 * quotes of the rest stay. Unlike for Kubernetes objects, null is a value here: in an override it takes a key away.
 */
export function setInDocument(text: string, path: readonly string[], value: unknown): string {
  const before = parseYamlStream(text)[0]?.value
  const edits: YamlEdit[] = []
  collect(valueAt(before, path), value, path, edits)
  if (edits.length === 0) return text
  const wanted = withValue(before, path, value)
  try {
    const edited = editYaml(text, edits)
    if (jsonEqual(parseYamlStream(edited)[0]?.value, wanted)) return edited
  } catch {
    // An alias or a merge key is in the way: the document is written anew.
  }
  return stringifyYaml(wanted)
}

function collect(before: unknown, after: unknown, path: YamlPath, edits: YamlEdit[]): void {
  if (before !== undefined && after !== undefined && jsonEqual(before, after)) return
  if (isObject(before) && isObject(after) && Object.keys(after).length > 0) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)]))
      collect(before[key], after[key], [...path, key], edits)
    return
  }
  if (before === undefined && after === undefined) return
  edits.push({ path, value: after })
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  let here = value
  for (const key of path) here = isObject(here) ? here[key] : undefined
  return here
}

function withValue(object: unknown, path: readonly string[], value: unknown): Record<string, unknown> {
  const out: Record<string, unknown> = isObject(object) ? { ...object } : {}
  const [key, ...rest] = path
  if (key === undefined) return out
  if (rest.length > 0) out[key] = withValue(out[key], rest, value)
  else if (value === undefined) delete out[key]
  else out[key] = value
  return out
}

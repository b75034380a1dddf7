import {
  isEmptyMapping,
  isMissingOrNull,
  type Mapping,
  type Sequence,
  scalarText,
  type YamlNode,
} from '../yaml/node.ts'

/** The first item of which all keys have the given values; '' is only equal to ''. */
export function findElement(
  list: Sequence | undefined,
  keys: readonly string[],
  values: readonly string[],
): YamlNode | undefined {
  return list?.items.find(
    item =>
      item.kind === 'mapping' &&
      keys.every((key, i) => item.fields.has(key) && scalarText(item.get(key)) === values[i]),
  )
}

/**
 * kyaml's ElementSetter on a list of mappings: puts an item in the place of *every* item that matches, or at the end,
 * or removes the matching ones when there is no item. Empty items are dropped on the way; a value of '' matches any
 * item that has the key; and when there are no values at all, every item goes.
 */
export function setElement(
  list: Sequence,
  element: YamlNode | undefined,
  keys: readonly string[],
  values: readonly string[],
): void {
  const result: YamlNode[] = []
  let found = false
  for (const item of list.items) {
    if (isMissingOrNull(item) || isEmptyMapping(item)) continue
    if (item.kind !== 'mapping') {
      if (values.length > 0) result.push(item)
      continue
    }
    if (!matches(item, keys, values)) {
      if (values.length > 0) result.push(item)
      continue
    }
    found = true
    if (element !== undefined) result.push(element)
  }
  if (element !== undefined && !found) result.push(element)
  list.items = result
}

function matches(item: Mapping, keys: readonly string[], values: readonly string[]): boolean {
  // A key without a value counts as matching when the key before it did.
  return (
    values.length > 0 &&
    keys.every((key, i) => {
      const value = values[i]
      return value === undefined || (item.fields.has(key) && (value === '' || scalarText(item.get(key)) === value))
    })
  )
}

/** Puts all items of a list into another by their keys; one without a key comes last, and may push out others. */
export function appendElements(into: Sequence, from: Sequence, keys: readonly string[]): void {
  for (const item of [...from.items]) {
    const values: string[] = []
    for (const key of keys) {
      const value = item.kind === 'mapping' ? item.get(key) : undefined
      if (value === undefined) into.items.push(item)
      else values.push(scalarText(value))
    }
    if (keys.length > 1) setElement(into, undefined, keys, values)
    setElement(into, item, keys, values)
  }
}

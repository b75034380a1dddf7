import { isEmptyMapping, isMissingOrNull, type Mapping, scalarText, type Sequence, type YamlNode } from '../yaml/node.ts'

/** The first item of which all keys have the given values; '' is only equal to ''. */
export function findElement(
  list: Sequence | undefined,
  keys: readonly string[],
  values: readonly string[],
): YamlNode | undefined {
  return list?.items.find(
    item => item.kind === 'mapping' && keys.every((key, i) => item.fields.has(key) && scalarText(item.get(key)) === values[i]),
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
  return keys.every((key, i) => {
    const value = values[i]
    if (value === undefined || !item.fields.has(key)) return false
    return value === '' || scalarText(item.get(key)) === value
  })
}

/** Puts all items of a list into another by one key; with more keys nothing is done, as all are there already. */
export function appendElements(into: Sequence, from: Sequence, keys: readonly string[]): void {
  if (keys.length > 1) return
  const key = keys[0]!
  for (const item of [...from.items]) {
    const value = item.kind === 'mapping' ? item.get(key) : undefined
    if (value === undefined) into.items.push(item)
    setElement(into, item, keys, value === undefined ? [] : [scalarText(value)])
  }
}

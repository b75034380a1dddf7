import { keyElement, type PathElement, valueElement } from '../fieldset/path-element.ts'
import { elementType, type ListModel } from './type-model.ts'
import { asMap, entry } from './values.ts'

/** Why an element of an associative list cannot be told apart from the others. */
export class ListElementProblem {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** The step to an element of an associative list, or why there is none. Missing keys take their defaults. */
export function stepTo(list: ListModel, item: unknown): PathElement | ListElementProblem {
  if (list.keys.length === 0) {
    if (typeof item !== 'object') return valueElement(item)
    if (item === null)
      return new ListElementProblem("associative list without keys has an element that's an explicit null")
    return new ListElementProblem(
      Array.isArray(item)
        ? 'not supported: associative list with lists as elements'
        : "associative list without keys has an element that's a map type",
    )
  }
  if (item === null) return new ListElementProblem('associative list with keys may not have a null element')
  const map = asMap(item)
  if (map === undefined) return new ListElementProblem('associative list with keys may not have non-map elements')
  const pairs: [string, unknown][] = []
  for (const key of list.keys) {
    let value = entry(map, key)
    if (value === undefined) {
      const element = elementType(list).map
      if (element === undefined) {
        return new ListElementProblem(
          `couldn't find default value for ${key}: associative list may not have non-map types`,
        )
      }
      value = element.field(key)?.default
      // A key without a default may be missing: an element without it is another one than any element with it.
      if (value === undefined || value === null) continue
    }
    pairs.push([key, value])
  }
  if (pairs.length > 0) return keyElement(pairs)
  const keys = list.keys.map(key => JSON.stringify(key)).join(' ')
  return new ListElementProblem(
    `associative list with keys has an element that omits all key fields [${keys}] (and doesn't have default values for any key fields)`,
  )
}

/** Like {@link stepTo} for lists that have been checked: undefined for an element without an identity. */
export function stepOrNothing(list: ListModel, item: unknown): PathElement | undefined {
  const step = stepTo(list, item)
  return typeof step === 'string' ? step : undefined
}

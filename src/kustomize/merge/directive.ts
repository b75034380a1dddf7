import { Failure } from '../failure.ts'
import { scalarText, type YamlNode } from '../yaml/node.ts'

/** What a `$patch` entry asks for. */
export type Directive = 'merge' | 'replace' | 'delete'

const key = '$patch'

/**
 * Takes the `$patch` directive out of a patch's mapping (a field) or list (an item that has the field).
 *
 * @throws Failure for a directive that is none of the three
 */
export function takeDirective(patch: YamlNode | undefined): Directive | undefined {
  if (patch?.kind === 'mapping') {
    const value = patch.get(key)
    if (value === undefined) return undefined
    patch.delete(key)
    return checked(scalarText(value))
  }
  if (patch?.kind === 'sequence') {
    const item = patch.items.find(entry => entry.kind === 'mapping' && entry.fields.has(key))
    if (item?.kind !== 'mapping') return undefined
    // Only an item that is nothing but the directive speaks for the list; others speak for themselves.
    if (item.fields.size > 1) return undefined
    patch.items = patch.items.filter(entry => entry !== item)
    return checked(scalarText(item.get(key)))
  }
  return undefined
}

function checked(value: string): Directive {
  if (value === 'merge' || value === 'replace' || value === 'delete') return value
  throw new Failure(`unknown patch strategy '${value}'`)
}

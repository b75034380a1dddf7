import { SluiceError } from '../../../base/errors/index.ts'
import { isObject } from '../../../base/json.ts'

export const retainKeysDirective = '$retainKeys'
export const setOrderPrefix = '$setElementOrder/'
export const deleteFromPrefix = '$deleteFromPrimitiveList/'

/** The `$patch` of a map; fails with E_STRATEGIC_PATCH_INVALID for one that does not exist. */
export function directiveOf(
  patch: Readonly<Record<string, unknown>>,
  path: string,
): 'merge' | 'replace' | 'delete' | undefined {
  const directive = patch['$patch']
  if (directive === undefined) return undefined
  if (directive === 'merge' || directive === 'replace' || directive === 'delete') return directive
  throw new SluiceError('E_STRATEGIC_PATCH_INVALID', {
    object: `${path || '.'}.$patch`,
    expected: 'merge, replace or delete',
    seen: JSON.stringify(directive)?.slice(0, 200) ?? 'nothing',
  })
}

/** A value of a patch as it stands when there is nothing to merge it with: without directives, nulls and deleted elements. */
export function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value
      .filter(item => !(isObject(item) && item['$patch'] === 'delete'))
      .map(item => (isObject(item) || Array.isArray(item) ? withoutDirectives(item) : item))
  }
  if (!isObject(value)) return value
  const out: Record<string, unknown> = {}
  for (const [key, entry] of Object.entries(value)) {
    const directive =
      key === '$patch' ||
      key === retainKeysDirective ||
      key.startsWith(setOrderPrefix) ||
      key.startsWith(deleteFromPrefix)
    if (directive || entry === null) continue
    Object.defineProperty(out, key, {
      value: withoutDirectives(entry),
      enumerable: true,
      configurable: true,
      writable: true,
    })
  }
  return out
}

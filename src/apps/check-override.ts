import { SluiceError } from '../base/errors/index.ts'
import type { Values } from './types.ts'
import { kindConflicts } from './values.ts'

/** @throws E_APP_VALUES when an override wants another kind of value than the base has; `details.fields` has the places */
export function checkOverride(where: string, base: Values, override: Values): void {
  const places = kindConflicts(base, override)
  if (places.length === 0) return
  const named = places.map(path => path.join('.'))
  throw new SluiceError('E_APP_VALUES', {
    object: `values of ${where}`,
    expected: `the same kind of value as the base has at ${named.slice(0, 5).join(', ')}`,
    seen: 'another one (a list for a text, or a number for a text, say)',
    next: 'Write the value as the base does (a number in quotes is a text), or change the base first.',
    details: { fields: places.map(path => ({ path, message: 'not the kind of value that the base has' })) },
  })
}

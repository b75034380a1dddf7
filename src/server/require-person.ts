import type { Principal } from '../access/index.ts'
import { SluiceError } from '../base/errors/index.ts'

/**
 * Refuses API tokens: what is about the person behind one (password, sessions, other tokens) is not what it was made for,
 * however much its owner may do.
 *
 * @throws E_FORBIDDEN
 */
export function requirePerson({ token }: Principal, object: string): void {
  if (token !== undefined) throw new SluiceError('E_FORBIDDEN', { object, expected: 'a person', seen: 'an API token' })
}

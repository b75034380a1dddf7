import { isObject } from '../../base/json.ts'
import { ExpansionError, expand } from '../substitute/expand.ts'

/** Texts that YAML writes and reads as they are, whatever style it chooses, once the variables are in. */
const plainSource = /^[A-Za-z0-9$][A-Za-z0-9${}._/:=-]*$/
const plainResult = /^[A-Za-z][A-Za-z0-9]*(?:[._/:-]+[A-Za-z0-9]+)*$/
/** Words in which YAML sees no text. */
const typedWord = /^(?:y|n|yes|no|on|off|true|false|null)$/i

class NotPlain extends Error {}

/**
 * Puts variables into an object value by value, where that gives what substitution in its YAML text gives: names, hosts,
 * paths. Undefined when a value needs the text: another type may come out of it, or a `${` without its end.
 */
export function substitutePlain<T>(value: T, variables: ReadonlyMap<string, string>): T | undefined {
  try {
    return replaced(value, variables) as T
  } catch (error) {
    if (error instanceof NotPlain || error instanceof ExpansionError) return undefined
    throw error
  }
}

function replaced(value: unknown, variables: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') {
    if (!value.includes('$')) return value
    if (!plainSource.test(value)) throw new NotPlain()
    const text = expand(value, variables)
    if (!plainResult.test(text) || typedWord.test(text)) throw new NotPlain()
    return text
  }
  if (Array.isArray(value)) return value.map(item => replaced(item, variables))
  if (!isObject(value)) return value
  const out: Record<string, unknown> = {}
  for (const key of Object.keys(value)) {
    if (key.includes('$') || key === '__proto__') throw new NotPlain()
    out[key] = replaced(value[key], variables)
  }
  return out
}

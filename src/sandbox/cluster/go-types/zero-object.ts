import { type GoType, goStruct } from './go-type.ts'
import { zeroOf } from './scalars.ts'

const made = new Map<string, Record<string, unknown> | undefined>()

/**
 * What Go writes of a value of a type that was never filled in: structs are there, lists and maps that are never left out
 * are null. Creates are compared with it to tell what a client set. Shared: never change it. Undefined: no such type.
 */
export function zeroObject(key: string): Record<string, unknown> | undefined {
  if (!made.has(key)) made.set(key, goStruct(key) && zeroStruct(key))
  return made.get(key)
}

function zeroStruct(key: string): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const { json, type, omit } of goStruct(key)?.fields ?? []) {
    if (json === '') Object.assign(result, inlined(type))
    else if (type.is === 'struct') {
      const inner = zeroStruct(type.key)
      if (omit !== 'zero' || Object.keys(inner).length > 0) result[json] = inner
    } else if (omit === 'never' || (isTime(type) && omit !== 'zero'))
      result[json] = type.is === 'scalar' ? (zeroOf(type.scalar) ?? null) : null
  }
  return result
}

function isTime(type: GoType): boolean {
  return type.is === 'scalar' && (type.scalar === 'T' || type.scalar === 'M')
}

function inlined(type: GoType): Record<string, unknown> {
  return type.is === 'struct' ? zeroStruct(type.key) : {}
}

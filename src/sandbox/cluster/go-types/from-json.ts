import { isObject } from '../../../base/json.ts'
import { type GoField, type GoStruct, type GoType, goStruct, goTypeName, type Scalar } from './go-type.ts'
import { goJsonType, isZero, readScalar, ScalarError, zeroOf } from './scalars.ts'

/** A body read as the Go type of its kind. */
export interface Decoded {
  /** The object as Go would write it back: known fields only, empty ones left out, structs filled in. */
  readonly object: Record<string, unknown>
  /** Paths of fields that the type does not have, in the order of the body: `spec.ports[0].nam`. */
  readonly unknown: readonly string[]
}

/** A value that does not fit its Go type; the message is Go's. */
export class GoDecodeError extends Error {}

/** Reads a JSON value as the struct of a key; throws {@link GoDecodeError}. */
export function decodeGo(key: string, value: Record<string, unknown>): Decoded {
  const reader = readerOf(key)
  if (!reader) return { object: value, unknown: [] }
  const run: Run = { unknown: [] }
  return { object: reader.read(value, '', '', run), unknown: run.unknown }
}

/** Whether there is a Go type of this key. */
export function hasGoType(key: string): boolean {
  return goStruct(key) !== undefined
}

interface Run {
  readonly unknown: string[]
}

type Read = (value: unknown, at: Place, run: Run) => unknown

/** Where a value stands: the path with indexes for people, without them for Go, and the struct that holds it. */
interface Place {
  readonly path: string
  readonly goPath: string
  readonly owner: string
}

interface FieldReader {
  readonly field: GoField
  readonly owner: string
  readonly read: Read
  readonly absent: () => unknown
  readonly leaveOut: (value: unknown) => boolean
}

const readers = new Map<string, StructReader>()

function readerOf(key: string): StructReader | undefined {
  let reader = readers.get(key)
  if (!reader) {
    const struct = goStruct(key)
    if (!struct) return undefined
    reader = new StructReader(struct)
    readers.set(key, reader)
  }
  return reader
}

/** Reads one struct; its fields are worked out on first use, because types refer to each other. */
class StructReader {
  readonly #struct: GoStruct
  #fields: readonly FieldReader[] | undefined
  #byName = new Map<string, FieldReader>()

  constructor(struct: GoStruct) {
    this.#struct = struct
  }

  get fields(): readonly FieldReader[] {
    if (!this.#fields) {
      this.#fields = this.#struct.fields.flatMap(field => this.#readersOf(field))
      for (const reader of this.#fields) this.#byName.set(reader.field.json, reader)
    }
    return this.#fields
  }

  read(value: Record<string, unknown>, path: string, goPath: string, run: Run): Record<string, unknown> {
    const { fields } = this
    const found = new Map<string, unknown>()
    for (const name of Object.keys(value)) {
      const reader = this.#byName.get(name)
      const inner = path === '' ? name : `${path}.${name}`
      if (!reader) {
        run.unknown.push(inner)
        continue
      }
      const raw = value[name]
      if (raw === null || raw === undefined) continue
      const place = { path: inner, goPath: goPath === '' ? name : `${goPath}.${name}`, owner: reader.owner }
      found.set(name, reader.read(raw, place, run))
    }
    const result: Record<string, unknown> = {}
    for (const { field, absent, leaveOut } of fields) {
      const seen = found.has(field.json) ? found.get(field.json) : absent()
      if (!leaveOut(seen)) result[field.json] = seen
    }
    return result
  }

  /** The struct when nothing is given. */
  zero(): Record<string, unknown> {
    return this.read({}, '', '', { unknown: [] })
  }

  #readersOf(field: GoField): FieldReader[] {
    if (field.json === '') {
      const type = field.type.is === 'pointer' ? field.type.to : field.type
      return type.is === 'struct' ? [...(readerOf(type.key)?.fields ?? [])] : []
    }
    return [
      {
        field,
        owner: this.#struct.name,
        read: readOf(field.type),
        absent: () => absentOf(field),
        leaveOut: leaveOutOf(field),
      },
    ]
  }
}

/**
 * What Go has in place of a field that was not given. Lists, maps and pointers that Go would write as null are left out:
 * where an object can do without them at all, defaults or validation speak of them; but for the rules of a role.
 */
function absentOf({ json, type, omit }: GoField): unknown {
  if (type.is === 'struct') return readerOf(type.key)?.zero() ?? {}
  // Times are structs: only omitzero leaves them out, and without a value they are null.
  if (type.is === 'scalar' && isTime(type.scalar)) return omit === 'zero' ? undefined : null
  if (omit !== 'never') return undefined
  if (type.is === 'scalar') return zeroOf(type.scalar)
  return json === 'rules' ? null : undefined
}

function isTime(scalar: Scalar): boolean {
  return scalar === 'T' || scalar === 'M'
}

function leaveOutOf({ type, omit }: GoField): (value: unknown) => boolean {
  if (omit === 'never') return value => value === undefined
  if (type.is === 'pointer') return value => value === undefined
  if (type.is === 'scalar') return value => isZero(type.scalar, value)
  if (type.is === 'struct') return omit === 'zero' ? isEmptyObject : () => false
  return value => value === undefined || (Array.isArray(value) ? value.length === 0 : isEmptyObject(value))
}

function isEmptyObject(value: unknown): boolean {
  if (!isObject(value)) return value === undefined
  for (const _ in value) return false
  return true
}

function readOf(type: GoType): Read {
  switch (type.is) {
    case 'pointer':
      return readOf(type.to)
    case 'scalar': {
      const { scalar } = type
      return (value, at) => {
        const result = readScalar(scalar, value)
        if (result instanceof ScalarError)
          throw result.text === undefined ? mismatch(value, at, type) : new GoDecodeError(result.text)
        return result
      }
    }
    case 'struct':
      return (value, at, run) => {
        if (!isObject(value)) throw mismatch(value, at, type)
        return readerOf(type.key)?.read(value, at.path, at.goPath, run) ?? value
      }
    case 'list': {
      let read: Read | undefined
      return (value, at, run) => {
        if (!Array.isArray(value)) throw mismatch(value, at, type)
        read ??= readOf(type.of)
        return value.map((item, i) =>
          item === null ? zeroItem(type.of) : read!(item, { ...at, path: `${at.path}[${i}]` }, run),
        )
      }
    }
    case 'map': {
      let read: Read | undefined
      return (value, at, run) => {
        if (!isObject(value)) throw mismatch(value, at, type)
        read ??= readOf(type.of)
        const result: Record<string, unknown> = {}
        for (const key in value) {
          const item = value[key]
          result[key] = item === null ? zeroItem(type.of) : read(item, { ...at, path: `${at.path}.${key}` }, run)
        }
        return result
      }
    }
  }
}

/** A null in a list or map: Go reads the zero value. */
function zeroItem(type: GoType): unknown {
  if (type.is === 'scalar') return zeroOf(type.scalar)
  return type.is === 'struct' ? (readerOf(type.key)?.zero() ?? {}) : null
}

function mismatch(value: unknown, at: Place, type: GoType): GoDecodeError {
  const seen =
    typeof value === 'number' && type.is === 'scalar' && 'il'.includes(type.scalar)
      ? `number ${value}`
      : goJsonType(value)
  return new GoDecodeError(
    `json: cannot unmarshal ${seen} into Go struct field ${at.owner}.${at.goPath} of type ${goTypeName(type)}`,
  )
}

import { type GoField, type GoStruct, type GoType, goStruct } from './go-type.ts'
import { ProtobufError, ProtobufReader, type WireValue } from './protobuf-reader.ts'
import { canonicalQuantity } from './quantity.ts'

const magic = Buffer.from('k8s\0')

/** An object that came as protobuf: its kind as the envelope names it, and its JSON form. */
export interface ProtobufObject {
  readonly apiVersion: string
  readonly kind: string
  /** The message; `decode` needs the kind's Go type. */
  readonly raw: Uint8Array
}

/**
 * Opens the envelope that Kubernetes puts around protobuf (`runtime.Unknown` after four bytes of magic). Typed Go clients
 * send protobuf for builtin kinds since client-go 1.32. Throws {@link ProtobufError}.
 */
export function openEnvelope(bytes: Uint8Array): ProtobufObject {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (!buffer.subarray(0, magic.length).equals(magic))
    throw new ProtobufError('provided data does not appear to be a protobuf message')
  let apiVersion = ''
  let kind = ''
  let raw: Uint8Array = new Uint8Array()
  for (const [field, value] of new ProtobufReader(buffer.subarray(magic.length)).fields()) {
    if (field === 1) {
      for (const [inner, text] of new ProtobufReader(value.bytes).fields()) {
        if (inner === 1) apiVersion = text.text
        if (inner === 2) kind = text.text
      }
    } else if (field === 2) raw = value.bytes
  }
  return { apiVersion, kind, raw }
}

/** Reads a message as the struct of a key, in its JSON form. Fields that the type does not know are passed over. */
export function decodeProtobuf(key: string, raw: Uint8Array): Record<string, unknown> {
  const struct = goStruct(key)
  if (!struct) throw new ProtobufError(`no type ${key}`)
  return readStruct(struct, raw, 0)
}

const maxDepth = 100

function readStruct(struct: GoStruct, raw: Uint8Array, depth: number): Record<string, unknown> {
  if (depth > maxDepth) throw new ProtobufError('message is nested too deeply')
  const result: Record<string, unknown> = {}
  for (const [number, value] of new ProtobufReader(raw).fields()) {
    const field = struct.fields.find(candidate => candidate.number === number)
    if (field) put(result, field, value, depth)
  }
  return result
}

function put(result: Record<string, unknown>, field: GoField, value: WireValue, depth: number): void {
  const type = field.type.is === 'pointer' ? field.type.to : field.type
  if (field.json === '') {
    if (type.is === 'struct') Object.assign(result, readStruct(goStruct(type.key)!, value.bytes, depth + 1))
    return
  }
  if (type.is === 'list') {
    const list = (result[field.json] ??= []) as unknown[]
    // Numbers may come packed; gogo's encoder does not do it, others do.
    list.push(readValue(type.of, value, depth))
  } else if (type.is === 'map') {
    const map = (result[field.json] ??= {}) as Record<string, unknown>
    let key = ''
    let item: unknown
    for (const [number, inner] of new ProtobufReader(value.bytes).fields()) {
      if (number === 1) key = inner.text
      if (number === 2) item = readValue(type.of, inner, depth)
    }
    map[key] = item ?? emptyItem(type.of)
  } else result[field.json] = readValue(type, value, depth)
}

function readValue(type: GoType, value: WireValue, depth: number): unknown {
  if (type.is === 'pointer') return readValue(type.to, value, depth)
  if (type.is === 'struct') return readStruct(goStruct(type.key)!, value.bytes, depth + 1)
  // A named list (the values of an extra) is a message of its own with the items in field 1.
  if (type.is === 'list')
    return [...new ProtobufReader(value.bytes).fields()].map(([, item]) => readValue(type.of, item, depth + 1))
  if (type.is === 'map') throw new ProtobufError('maps of maps are not known')
  switch (type.scalar) {
    case 's':
      return value.text
    case 'b':
      return value.number !== 0
    case 'i':
    case 'l':
    case 'y':
      return value.number
    case 'd':
      return value.double
    case 'B':
      return Buffer.from(value.bytes).toString('base64')
    case 'T':
      return readTime(value.bytes, false)
    case 'M':
      return readTime(value.bytes, true)
    case 'D':
      return `${firstField(value.bytes)?.number ?? 0}ns`
    case 'Q':
      return canonicalQuantity(firstField(value.bytes)?.text ?? '0') ?? '0'
    case 'I':
      return readIntOrString(value.bytes)
    case 'F':
    case 'R':
    case 'J': {
      const text = firstField(value.bytes)?.text ?? ''
      return text === '' ? null : JSON.parse(text)
    }
  }
}

function emptyItem(type: GoType): unknown {
  if (type.is === 'scalar') return type.scalar === 's' || type.scalar === 'B' ? '' : 0
  return type.is === 'list' ? [] : {}
}

function firstField(bytes: Uint8Array): WireValue | undefined {
  for (const [number, value] of new ProtobufReader(bytes).fields()) if (number === 1) return value
  return undefined
}

/** Seconds and nanoseconds; the zero time of Go is no time. */
function readTime(bytes: Uint8Array, micro: boolean): string | null {
  let seconds: number | undefined
  let nanos = 0
  for (const [number, value] of new ProtobufReader(bytes).fields()) {
    if (number === 1) seconds = value.number
    if (number === 2) nanos = value.number
  }
  if (seconds === undefined || seconds < -62_135_596_800 || seconds > 253_402_300_799) return null
  const date = new Date(seconds * 1000).toISOString().slice(0, 19)
  return micro ? `${date}.${String(Math.floor(nanos / 1000)).padStart(6, '0')}Z` : `${date}Z`
}

function readIntOrString(bytes: Uint8Array): unknown {
  let isText = false
  let number = 0
  let text = ''
  for (const [field, value] of new ProtobufReader(bytes).fields()) {
    if (field === 1) isText = value.number === 1
    if (field === 2) number = value.number
    if (field === 3) text = value.text
  }
  return isText ? text : number
}

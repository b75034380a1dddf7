import { createHash } from 'node:crypto'
import { isObject } from '../../../base/json.ts'
import { printFloat } from '../../../kustomize/yaml/numbers.ts'
import { needsQuotes } from '../../../kustomize/yaml/resolve.ts'
import { printString } from '../../../kustomize/yaml/strings.ts'

/**
 * Flux's digest of values (fluxcd/pkg chartutil.DigestValues): SHA-256 of the YAML that go-yaml v2 writes for them with
 * keys in plain order. No values at all have the digest of nothing.
 */
export function digestValues(values: Readonly<Record<string, unknown>> | null | undefined): string {
  const hash = createHash('sha256')
  if (values !== null && values !== undefined && Object.keys(values).length > 0) hash.update(valuesYaml(values))
  return `sha256:${hash.digest('hex')}`
}

/** The YAML that {@link digestValues} hashes. */
export function valuesYaml(values: Readonly<Record<string, unknown>>): string {
  const out: string[] = []
  emit(out, values, 0, false)
  return out.join('')
}

function emit(
  out: string[],
  value: Readonly<Record<string, unknown>> | readonly unknown[],
  indent: number,
  inline: boolean,
) {
  const pad = ' '.repeat(indent)
  let first = inline
  const start = () => {
    if (first) first = false
    else out.push(pad)
  }
  if (Array.isArray(value)) {
    for (const item of value) {
      start()
      out.push('- ')
      if (isFull(item)) emit(out, item, indent + 2, true)
      else out.push(scalar(item, indent + 2, indent + 2), '\n')
    }
    return
  }
  const table = value as Readonly<Record<string, unknown>>
  for (const key of Object.keys(table).sort(byBytes)) {
    start()
    const keyText = printString(key, { indent: indent + 2, column: indent, key: true, quoted: needsQuotes(key) })
    out.push(keyText, ':')
    const item = table[key]
    if (isFull(item)) {
      out.push('\n')
      emit(out, item, Array.isArray(item) ? indent : indent + 2, false)
    } else out.push(' ', scalar(item, indent + 2, indent + [...keyText].length + 2), '\n')
  }
}

function isFull(value: unknown): value is Record<string, unknown> | unknown[] {
  return Array.isArray(value) ? value.length > 0 : isObject(value) && Object.keys(value).length > 0
}

function scalar(value: unknown, indent: number, column: number): string {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return '[]'
  if (isObject(value)) return '{}'
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number')
    return Number.isInteger(value) && Math.abs(value) < 2 ** 63 ? BigInt(value).toString() : printFloat(value)
  const text = String(value)
  return printString(text, { indent, column, key: false, quoted: needsQuotes(text) })
}

/** Go compares texts by bytes. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

import { SluiceError } from '../../base/errors/index.ts'
import { isObject } from '../../base/json.ts'
import { sortedKeys } from './key-order.ts'
import { fitsBlock, scalarText } from './scalar-text.ts'

/**
 * A JSON value as YAML in the form of sigs.k8s.io/yaml: sorted keys, two blanks of indentation, list items not indented
 * under their key, texts with line breaks as `|` blocks, a line break at the end. Lines are not folded, so that a change
 * of a word is a change of one line.
 *
 * @throws SluiceError E_YAML_VALUE for what JSON has no form for.
 * @example
 * stringifyYaml({ kind: 'Pod', ports: [80], on: 'on' }) // 'kind: Pod\n"on": "on"\nports:\n- 80\n'
 */
export function stringifyYaml(value: unknown): string {
  const writer = new Writer()
  if (Array.isArray(value) && value.length > 0) writer.list(value, 0)
  else if (isObject(value) && sortedKeys(value).length > 0) writer.mapping(value, 0, false)
  else writer.inline(value, 0)
  return writer.text()
}

/** Several documents as one stream, parted by `---`. */
export function stringifyYamlStream(values: readonly unknown[]): string {
  return values.map(stringifyYaml).join('---\n')
}

const maxDepth = 1000
const pads = Array.from({ length: 32 }, (_, depth) => '  '.repeat(depth))

class Writer {
  #out = ''

  text(): string {
    return this.#out
  }

  /** Writes a mapping at an indentation; `inItem` when its first key goes behind the `- ` of a list item. */
  mapping(mapping: Record<string, unknown>, depth: number, inItem: boolean): void {
    guard(depth)
    let first = inItem
    for (const key of sortedKeys(mapping)) {
      if (!first) this.#out += pad(depth)
      first = false
      // Readers look for the colon of a plain key within 1024 characters; Go's emitter draws the line at 128.
      this.#out += key.length > 128 ? `? ${scalarText(key)}\n${pad(depth)}:` : `${scalarText(key)}:`
      const value = mapping[key]
      if (Array.isArray(value) && value.length > 0) {
        this.#out += '\n'
        this.list(value, depth)
      } else if (isObject(value) && hasKeys(value)) {
        this.#out += '\n'
        this.mapping(value, depth + 1, false)
      } else {
        this.#out += ' '
        this.inline(value, depth + 1)
      }
    }
  }

  list(items: readonly unknown[], depth: number): void {
    guard(depth)
    for (const item of items) {
      this.#out += `${pad(depth)}- `
      this.#item(item, depth + 1)
    }
  }

  #item(item: unknown, depth: number): void {
    if (Array.isArray(item) && item.length > 0) {
      guard(depth)
      // A list in a list: the first inner dash goes on the same line.
      item.forEach((inner, i) => {
        this.#out += i === 0 ? '- ' : `${pad(depth)}- `
        this.#item(inner, depth + 1)
      })
    } else if (isObject(item) && hasKeys(item)) this.mapping(item, depth, true)
    else this.inline(item, depth)
  }

  /** Writes a scalar or an empty collection, and ends the line. `depth` is the indentation of block lines. */
  inline(value: unknown, depth: number): void {
    if (typeof value === 'string') {
      // At the root, readers disagree on what an indentation hint counts from.
      if (fitsBlock(value) && (depth > 0 || !needsHint(value))) this.#block(value, depth)
      else this.#out += `${scalarText(value)}\n`
    } else if (typeof value === 'number') {
      this.#out += `${numberText(value)}\n`
    } else if (typeof value === 'boolean' || value === null) this.#out += `${value}\n`
    else if (value === undefined) this.#out += 'null\n'
    else if (Array.isArray(value)) this.#out += '[]\n'
    else if (isObject(value) && isPlain(value)) this.#out += '{}\n'
    else throw new SluiceError('E_YAML_VALUE', { seen: `a ${Object.prototype.toString.call(value)}` })
  }

  #block(text: string, depth: number): void {
    const indent = pad(Math.max(depth, 1))
    const trailing = /\n*$/.exec(text)?.[0].length ?? 0
    const body = trailing > 0 ? text.slice(0, -trailing) : text
    // A reader takes the indentation from the first line, unless that one starts with a blank or is empty.
    const hint = needsHint(text) ? '2' : ''
    // A break alone must be kept, or it reads as nothing.
    const keep = trailing > 1 || body === ''
    this.#out += `|${hint}${trailing === 0 ? '-' : keep ? '+' : ''}\n`
    for (const line of body.split('\n')) this.#out += line === '' ? '\n' : `${indent}${line}\n`
    for (let i = 1; i < trailing; i++) this.#out += '\n'
  }
}

function needsHint(text: string): boolean {
  return text.startsWith(' ') || text.startsWith('\n')
}

function hasKeys(value: Record<string, unknown>): boolean {
  for (const key in value) if (value[key] !== undefined) return isPlain(value)
  return false
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return true
  throw new SluiceError('E_YAML_VALUE', { seen: `an object of the class ${prototype?.constructor?.name ?? '?'}` })
}

function pad(depth: number): string {
  return pads[depth] ?? '  '.repeat(depth)
}

function guard(depth: number): void {
  if (depth > maxDepth) throw new SluiceError('E_YAML_VALUE', { seen: 'a cycle, or nesting beyond 1000 levels' })
}

const int64 = 2 ** 63

/** Whole numbers of 64 bits as they are; others as Go's shortest `%g` has them. */
function numberText(value: number): string {
  if (!Number.isFinite(value)) throw new SluiceError('E_YAML_VALUE', { seen: `the number ${value}` })
  if (Object.is(value, -0)) return '0'
  if (Number.isInteger(value) && Math.abs(value) < int64) return String(value)
  const [digits = '', power = ''] = value.toExponential().split('e')
  const exponent = Number(power)
  if (exponent >= -4 && exponent < 6) return String(value)
  return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
}

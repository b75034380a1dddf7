import { badRequest } from './status.ts'

/** Deepest nesting of a body; more is an attack on parsers (CVE-2019-11253). */
const maxDepth = 1000

/** What a scan of JSON text tells that `JSON.parse` does not. */
export interface JsonScan {
  /** Paths of keys that stand more than once in one object: `data.a`, `spec.ports[0].name`. */
  readonly duplicates: readonly string[]
}

interface Frame {
  readonly keys: Set<string> | undefined
  index: number
  key: string
}

/**
 * Looks for duplicate keys and too deep nesting in one pass over the text, which is then parsed by `JSON.parse`.
 * The text need not be valid: what is wrong is left for the parser to say.
 */
export function scanJson(text: string): JsonScan {
  const duplicates: string[] = []
  const stack: Frame[] = []
  let expectKey = false
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 0x22: {
        const start = i + 1
        let escaped = false
        for (i++; i < text.length; i++) {
          const code = text.charCodeAt(i)
          if (code === 0x5c) {
            escaped = true
            i++
          } else if (code === 0x22) break
        }
        const top = stack.at(-1)
        if (expectKey && top?.keys) {
          const raw = text.slice(start, i)
          const key = escaped ? unescapeKey(raw) : raw
          if (top.keys.has(key)) duplicates.push(pathOf(stack, key))
          top.keys.add(key)
          top.key = key
          expectKey = false
        }
        break
      }
      case 0x7b:
        if (stack.push({ keys: new Set(), index: -1, key: '' }) > maxDepth) throw tooDeep()
        expectKey = true
        break
      case 0x5b:
        if (stack.push({ keys: undefined, index: 0, key: '' }) > maxDepth) throw tooDeep()
        expectKey = false
        break
      case 0x7d:
      case 0x5d:
        stack.pop()
        expectKey = false
        break
      case 0x2c: {
        const top = stack.at(-1)
        if (top?.keys) expectKey = true
        else if (top) top.index++
        break
      }
    }
  }
  return { duplicates }
}

function tooDeep(): Error {
  return badRequest('exceeded max depth')
}

function unescapeKey(raw: string): string {
  try {
    return JSON.parse(`"${raw}"`) as string
  } catch {
    return raw
  }
}

function pathOf(stack: readonly Frame[], key: string): string {
  let path = ''
  for (const frame of stack.slice(0, -1))
    path += frame.keys ? `${path === '' ? '' : '.'}${frame.key}` : `[${frame.index}]`
  return path === '' ? key : `${path}.${key}`
}

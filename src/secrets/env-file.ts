import { SluiceError } from '../base/errors/index.ts'

/** Files of variables are small: anything larger is something else. */
const maxBytes = 256 * 1024
const maxKeys = 1000

const assignment = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.]*)[ \t]*=[ \t]*/

/**
 * Reads `KEY=VALUE` lines by the rules of dotenv: `export` and blank space before are passed over, `#` starts a comment,
 * `'…'` is taken as it is, in `"…"` the escapes \n \r \t \" \\ \$ count, both may run over several lines, and a value
 * without quotes ends at ` #` or the line. Nothing is expanded and nothing is run. A later key wins.
 *
 * @param name how to name the text in messages, e.g. the path
 * @throws E_TOKEN_FILE with the line, never with its content
 */
export function parseEnvFile(text: string, name: string): Map<string, string> {
  if (Buffer.byteLength(text) > maxBytes) throw bad(name, `more than ${maxBytes / 1024} KiB`)
  const values = new Map<string, string>()
  let rest = text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n')
  let line = 1
  const take = (length: number): string => {
    const taken = rest.slice(0, length)
    for (const char of taken) if (char === '\n') line++
    rest = rest.slice(length)
    return taken
  }
  while (rest !== '') {
    const blank = /^(?:[ \t]*(?:#[^\n]*)?(?:\n|$))/.exec(rest)?.[0]
    if (blank) {
      take(blank.length)
      continue
    }
    const start = assignment.exec(rest)
    if (!start) throw bad(`${name}:${line}`, 'a line that is no KEY=VALUE')
    take(start[0].length)
    const at = line
    const quote = rest[0]
    if (quote === '"' || quote === "'") {
      const end = closing(rest, quote)
      if (end < 0) throw bad(`${name}:${at}`, `a ${quote} that is never closed`)
      const inside = take(end + 1).slice(1, -1)
      values.set(start[1]!, quote === '"' ? withEscapes(inside) : inside)
      const tail = /^[ \t]*(?:#[^\n]*)?(?:\n|$)/.exec(rest)?.[0]
      if (tail === undefined) throw bad(`${name}:${line}`, 'text after the closing quote')
      take(tail.length)
    } else {
      const raw = take((/^[^\n]*\n?/.exec(rest)?.[0] ?? '').length)
      values.set(start[1]!, (/^#/.test(raw) ? '' : raw.replace(/[ \t]#.*$/s, '')).trim())
    }
    if (values.size > maxKeys) throw bad(name, `more than ${maxKeys} keys`)
  }
  return values
}

/**
 * The same text with one value replaced, everything else byte for byte as it was; undefined when no key holds `before`.
 * Only lines that give exactly that value are changed.
 */
export function replaceInEnvFile(text: string, name: string, before: string, after: string): string | undefined {
  const holders = [...parseEnvFile(text, name)].filter(([, value]) => value === before).map(([key]) => key)
  if (holders.length === 0) return undefined
  let changed = false
  const lines = text.split('\n').map(line => {
    const key = assignment.exec(line)?.[1]
    if (key === undefined || !holders.includes(key) || !line.includes(before)) return line
    changed = true
    return line.replace(before, () => after)
  })
  return changed ? lines.join('\n') : undefined
}

function closing(text: string, quote: string): number {
  for (let i = 1; i < text.length; i++) {
    if (quote === '"' && text[i] === '\\') i++
    else if (text[i] === quote) return i
  }
  return -1
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }

function withEscapes(text: string): string {
  return text.replace(/\\([nrt"\\$])/g, (_, char: string) => escapes[char] ?? char)
}

function bad(object: string, seen: string): SluiceError {
  return new SluiceError('E_TOKEN_FILE', { object, expected: 'lines KEY=VALUE', seen })
}

import { isNotJsonNumber, resolvePlain } from './dialect.ts'

/** How a text can be written on one line. */
type Style = 'plain' | 'single' | 'double'

// Forms that other readers of YAML (1.1 with base 60 and timestamps, 1.2) take for something else than a text.
const base60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/
const timestamp = /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:$|[Tt\s])/
const otherNumber =
  /^[-+]?(?:0[xX][0-9a-fA-F_]*|0[oO][0-7_]*|0[bB][01_]*|[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]*)?)$/
const simple = /^[A-Za-z/][A-Za-z0-9/._-]*$/
// What Go's emitter would not leave bare: indicators at the start, `: ` and ` #` inside, blanks at the ends.
const startIndicator = /^(?:[#,[\]{}&*!|>'"%@`]|[-?:](?:\s|$)|---|\.\.\.)/
const inner = /:(?:\s|$)|\s#|^\s|\s$/
// What Go's emitter escapes: controls, line separators, the byte order mark, and everything beyond U+FFFF.
const unprintable = /[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]/

const styles = new Map<string, Style>()

function styleOf(text: string): Style {
  const known = styles.get(text)
  if (known) return known
  const style = findStyle(text)
  // Short texts repeat: keys, kinds, labels.
  if (text.length <= 64) {
    if (styles.size >= 20_000) styles.clear()
    styles.set(text, style)
  }
  return style
}

function findStyle(text: string): Style {
  if (unprintable.test(text)) return 'double'
  if (resolvePlain(text) !== undefined || isNotJsonNumber(text) || text === '<<' || text === '=') return 'double'
  if (simple.test(text)) return 'plain'
  if (base60.test(text) || timestamp.test(text) || otherNumber.test(text)) return 'double'
  return startIndicator.test(text) || inner.test(text) ? 'single' : 'plain'
}

/**
 * A text as a YAML scalar on one line, so that readers of YAML 1.1 and of 1.2 give the same text back: words and forms
 * that mean something else (`on`, `1e3`, `0777`, `null`, `~`, dates) in double quotes, as sigs.k8s.io/yaml has it.
 */
export function scalarText(text: string): string {
  const style = styleOf(text)
  if (style === 'plain') return text
  return style === 'single' ? `'${text.replaceAll("'", "''")}'` : doubleQuoted(text)
}

const escaped = /["\\]|[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]/gu
const shortEscapes: Readonly<Record<number, string>> = {
  0: '0',
  7: 'a',
  8: 'b',
  9: 't',
  10: 'n',
  11: 'v',
  12: 'f',
  13: 'r',
  27: 'e',
  34: '"',
  92: '\\',
  133: 'N',
  8232: 'L',
  8233: 'P',
}

function doubleQuoted(text: string): string {
  return `"${text.replace(escaped, escapeOne)}"`
}

function escapeOne(character: string): string {
  const code = character.codePointAt(0) as number
  const short = shortEscapes[code]
  if (short !== undefined) return `\\${short}`
  const hex = code.toString(16).toUpperCase()
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}

/** Whether a text with line breaks can be written as a `|` block and read back the same. */
export function fitsBlock(text: string): boolean {
  // A block cannot show a blank at its very end, nor anything that needs an escape.
  if (!text.includes('\n') || text.endsWith(' ')) return false
  return !blockUnprintable.test(text)
}

const blockUnprintable = /[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]/

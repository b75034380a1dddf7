import type { Chunk } from './split.ts'

/**
 * Cuts JSON objects that stand one after the other (`{…}{…}`, `{…}\n{…}`) into pieces.
 * Undefined when the text is not of that form.
 */
export function splitJson({ text, start: offset, line }: Chunk): Chunk[] | undefined {
  if (!/^\s*\{/.test(text)) return undefined
  const pieces: Chunk[] = []
  let depth = 0
  let quoted = false
  let start = 0
  let here = line
  let startLine = line
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 10) here++
    if (quoted) {
      if (code === 92) i++
      else if (code === 34) quoted = false
      continue
    }
    if (depth === 0 && code !== 123) {
      if (code > 32) return undefined
      continue
    }
    if (code === 34) quoted = true
    else if (code === 123 || code === 91) {
      if (depth++ === 0) {
        start = i
        startLine = here
      }
    } else if ((code === 125 || code === 93) && --depth === 0) {
      pieces.push({ text: text.slice(start, i + 1), start: offset + start, line: startLine })
    }
  }
  return depth === 0 && pieces.length > 1 ? pieces : undefined
}

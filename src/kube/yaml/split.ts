/** A piece of a YAML stream: one document, or several when they are parted in a way that only YAML itself knows. */
export interface Chunk {
  readonly text: string
  /** Where it starts in the stream. */
  readonly start: number
  /** The line of the stream, from 1, on which the piece starts. */
  readonly line: number
}

/**
 * Cuts a stream as Kubernetes' stream reader does: at lines that start with `---` and have nothing but blanks or a
 * comment behind it. A `---` inside a block scalar is indented and does not match. Pieces are parsed one by one, which
 * keeps the memory of a large stream down to one document.
 */
export function splitDocuments(text: string): Chunk[] {
  const chunks: Chunk[] = []
  let start = 0
  let line = 1
  let from = 0
  for (;;) {
    const at = text.startsWith('---', from) && (from === 0 || text.charCodeAt(from - 1) === 10) ? from : nextLine(from)
    if (at < 0) break
    const end = endOfSeparator(text, at + 3)
    if (end < 0) {
      from = at + 3
      continue
    }
    if (isDirectives(text.slice(start, at))) {
      // `%YAML 1.2` belongs to the document that its `---` opens.
      from = at + 3
      continue
    }
    if (at > start) chunks.push({ text: text.slice(start, at), start, line })
    line += countLines(text, start, end)
    start = end
    from = end
  }
  if (start < text.length) chunks.push({ text: text.slice(start), start, line })
  return chunks

  function nextLine(after: number): number {
    const found = text.indexOf('\n---', after)
    return found < 0 ? -1 : found + 1
  }
}

/** The index behind the line of a separator whose dashes end at `at`; -1 when it is something else. */
function endOfSeparator(text: string, at: number): number {
  for (let i = at; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 10) return i + 1
    if (code === 32 || code === 9 || code === 13) continue
    // A comment needs a blank before it.
    if (code !== 35 || i === at) return -1
    const eol = text.indexOf('\n', i)
    return eol < 0 ? text.length : eol + 1
  }
  return text.length
}

/** Whether there is nothing but directives (`%YAML`, `%TAG`), comments and blank lines, and at least one directive. */
function isDirectives(text: string): boolean {
  if (!text.includes('%')) return false
  const lines = text.split('\n').map(line => line.trim())
  return lines.every(line => line === '' || /^[#%]/.test(line)) && lines.some(line => line.startsWith('%'))
}

function countLines(text: string, from: number, to: number): number {
  let lines = 0
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) lines++
  return lines
}

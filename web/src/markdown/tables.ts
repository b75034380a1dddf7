/** A stretch of Markdown: text, or a table as GitHub writes them. */
export type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'table'; readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] }

const delimiter = /^ {0,3}\|?[ \t]*:?-+:?[ \t]*(\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/
const fence = /^ {0,3}(`{3,}|~{3,})/
const mostCells = 4_000

/**
 * Takes the tables out of Markdown, which CommonMark has none of and the READMEs of charts are full of. What is in a fence is
 * code and stays.
 */
export function withTables(text: string): readonly Part[] {
  const lines = text.split('\n')
  const parts: Part[] = []
  let open: string | undefined
  let plain: string[] = []
  let cells = 0
  const flush = (): void => {
    if (plain.some(line => line.trim() !== '')) parts.push({ kind: 'text', text: plain.join('\n') })
    plain = []
  }
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!
    const mark = fence.exec(line)?.[1]
    if (mark !== undefined) {
      if (open === undefined) open = mark
      else if (mark[0] === open[0] && mark.length >= open.length) open = undefined
    }
    const head =
      open === undefined && line.includes('|') && delimiter.test(lines[at + 1] ?? '') ? cellsOf(line) : undefined
    if (head === undefined || head.length !== cellsOf(lines[at + 1]!).length || cells > mostCells) {
      plain.push(line)
      continue
    }
    flush()
    const rows: string[][] = []
    at += 2
    while (at < lines.length && lines[at]!.includes('|') && lines[at]!.trim() !== '' && cells <= mostCells) {
      const row = cellsOf(lines[at]!)
      rows.push(head.map((_, index) => row[index] ?? ''))
      cells += head.length
      at++
    }
    at--
    parts.push({ kind: 'table', head, rows })
  }
  flush()
  return parts
}

/** Cells of a row: `|` parts them, but not one that is escaped. */
function cellsOf(line: string): string[] {
  const row = line
    .trim()
    .replace(/^\|/, '')
    .replace(/(?<!\\)\|$/, '')
  return row.split(/(?<!\\)\|/).map(cell => cell.trim().replaceAll('\\|', '|'))
}

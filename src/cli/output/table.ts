import { printable } from './printable.ts'

/** A column of a table as kubectl prints one. */
export interface Column<Row> {
  readonly header: string
  readonly value: (row: Row) => string | number | undefined
  /** Shown only with `-o wide`. */
  readonly wide?: boolean
  /** Colours a cell; called with the padded text, so that alignment stays. */
  readonly paint?: (text: string, row: Row) => string
}

/**
 * Rows in aligned columns, three spaces apart, headers in capitals, no borders: the form of kubectl.
 * A missing value is `<none>`. The last column is not padded.
 */
export function renderTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  options: { wide?: boolean } = {},
): string {
  const shown = columns.filter(column => options.wide || !column.wide)
  const cells = rows.map(row => shown.map(column => cellText(column.value(row))))
  const widths = shown.map((column, i) => Math.max(column.header.length, ...cells.map(line => displayWidth(line[i]!))))
  const line = (texts: readonly string[], row?: Row) =>
    texts
      .map((text, i) => {
        const padded = i === texts.length - 1 ? text : text + ' '.repeat(widths[i]! - displayWidth(text) + 3)
        const paint = shown[i]!.paint
        return paint && row !== undefined ? paint(padded, row) : padded
      })
      .join('')
      .trimEnd()
  return `${[line(shown.map(column => column.header)), ...cells.map((texts, r) => line(texts, rows[r]))].join('\n')}\n`
}

function cellText(value: string | number | undefined): string {
  if (value === undefined || value === '') return '<none>'
  return printable(String(value)).replaceAll('\n', ' ')
}

/** Columns that a text takes: wide East Asian characters and most emoji take two, combining marks none. */
function displayWidth(text: string): number {
  let width = 0
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0
    if (/\p{M}/u.test(char)) continue
    width +=
      (code >= 0x1100 &&
        /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(char)) ||
      code >= 0x1f300
        ? 2
        : 1
  }
  return width
}

/** A value on one line, cut where it is long. */
export function valueWords(value: unknown): string {
  if (value === undefined) return 'not set'
  if (value === '') return '""'
  const words = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
  return words.length > 120 ? `${words.slice(0, 119)}…` : words
}

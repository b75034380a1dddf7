/** Words that all have to occur, in any case and order. */
export function wordsOf(text: string): readonly string[] {
  return text
    .toLowerCase()
    .split(/\s+/)
    .filter(word => word !== '')
    .slice(0, 8)
}

/**
 * The few that fit best: all words occur in `title` or `more`; titles that are the text come first, then those that begin with
 * its first word, then those that hold it, then the rest; in the order of their titles.
 */
export function bestOf<T>(
  all: Iterable<T>,
  words: readonly string[],
  textOf: (one: T) => { readonly title: string; readonly more?: string },
  most: number,
): T[] {
  const [first] = words
  if (first === undefined) return []
  const found: { readonly one: T; readonly title: string; readonly rank: number }[] = []
  for (const one of all) {
    const text = textOf(one)
    const title = text.title.toLowerCase()
    const whole = text.more === undefined ? title : `${title} ${text.more.toLowerCase()}`
    if (!words.every(word => whole.includes(word))) continue
    const rank = title === words.join(' ') ? 0 : title.startsWith(first) ? 1 : title.includes(first) ? 2 : 3
    found.push({ one, title, rank })
  }
  return found
    .sort((a, b) => a.rank - b.rank || (a.title < b.title ? -1 : a.title > b.title ? 1 : 0))
    .slice(0, most)
    .map(({ one }) => one)
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** The contents of every element of a name, in the plain XML of S3: no attributes with `>`, no nesting in itself. */
export function elements(xml: string, name: string): string[] {
  const found: string[] = []
  const [open, close] = [`<${name}>`, `</${name}>`]
  for (let at = xml.indexOf(open); at >= 0; ) {
    const end = xml.indexOf(close, at)
    if (end < 0) break
    found.push(xml.slice(at + open.length, end))
    at = xml.indexOf(open, end)
  }
  return found
}

/** The text of the first element of a name, entities resolved. */
export function textOf(xml: string, name: string): string | undefined {
  return elements(xml, name)[0]?.replace(/&(?:#(x?)([0-9a-fA-F]{1,6})|([a-z]{2,4}));/g, (all, hex, code, word) => {
    if (word !== undefined) return entities[word] ?? all
    const point = Number.parseInt(code, hex === 'x' ? 16 : 10)
    return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : all
  })
}

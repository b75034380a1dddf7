/** The members of a JSON object with their values as they are written, so that nothing is lost by parsing. */
export function rawMembers(json: string): Map<string, string> {
  const members = new Map<string, string>()
  let at = skipSpace(json, 0)
  if (json[at] !== '{') return members
  at = skipSpace(json, at + 1)
  while (json[at] === '"') {
    const keyEnd = endOfString(json, at)
    const key = JSON.parse(json.slice(at, keyEnd)) as string
    at = skipSpace(json, keyEnd)
    if (json[at] !== ':') break
    at = skipSpace(json, at + 1)
    const end = endOfValue(json, at)
    members.set(key, json.slice(at, end).trimEnd())
    at = skipSpace(json, end)
    if (json[at] === ',') at = skipSpace(json, at + 1)
  }
  return members
}

/** The items of a JSON array as they are written. */
export function rawItems(json: string): string[] {
  const items: string[] = []
  let at = skipSpace(json, 0)
  if (json[at] !== '[') return items
  at = skipSpace(json, at + 1)
  while (at < json.length && json[at] !== ']') {
    const end = endOfValue(json, at)
    if (end === at) break
    items.push(json.slice(at, end).trimEnd())
    at = skipSpace(json, end)
    if (json[at] === ',') at = skipSpace(json, at + 1)
  }
  return items
}

/** JSON with members in their order, values as they are written. */
export function joinMembers(members: ReadonlyMap<string, string>): string {
  return `{${[...members].map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`
}

function skipSpace(json: string, from: number): number {
  let at = from
  while (at < json.length && (json[at] === ' ' || json[at] === '\n' || json[at] === '\r' || json[at] === '\t')) at++
  return at
}

function endOfString(json: string, from: number): number {
  for (let at = from + 1; at < json.length; at++) {
    if (json[at] === '\\') at++
    else if (json[at] === '"') return at + 1
  }
  return json.length
}

/** Where a value ends: at the comma or bracket behind it. */
function endOfValue(json: string, from: number): number {
  let depth = 0
  for (let at = from; at < json.length; at++) {
    const char = json[at]
    if (char === '"') at = endOfString(json, at) - 1
    else if (char === '{' || char === '[') depth++
    else if (char === '}' || char === ']') {
      if (depth === 0) return at
      if (--depth === 0) return at + 1
    } else if (char === ',' && depth === 0) return at
  }
  return json.length
}

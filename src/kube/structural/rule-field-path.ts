/**
 * The `fieldPath` of a CEL rule (`.spec.a['b.c']`) as it is joined to the path of the rule's own field:
 * `.a.b` stays, a quoted key becomes `[b.c]`.
 *
 * @param root whether nothing stands before it, so that no dot is needed.
 */
export function fieldPathOf(fieldPath: string, root: boolean): string {
  const parts = parseFieldPath(fieldPath)
  if (parts === undefined) return ''
  let out = ''
  for (const part of parts) {
    if (part.quoted && !/^[A-Za-z_][A-Za-z0-9_]*$/.test(part.name)) out += `[${part.name}]`
    else out += `${out === '' && root ? '' : '.'}${part.name}`
  }
  return out
}

/** The steps of a field path, or undefined when it is not one: dots and quoted names in brackets, nothing else. */
export function parseFieldPath(text: string): { name: string; quoted: boolean }[] | undefined {
  const parts: { name: string; quoted: boolean }[] = []
  let rest = text
  while (rest !== '') {
    const match = /^\.([^.[\]]+)/.exec(rest) ?? /^\['((?:[^'\\]|\\.)*)'\]/.exec(rest)
    if (match === null) return undefined
    const quoted = rest.startsWith('[')
    parts.push({ name: quoted ? match[1]!.replace(/\\(.)/g, '$1') : match[1]!, quoted })
    rest = rest.slice(match[0].length)
  }
  return parts
}

const literals: Record<string, string> = { n: 'null', t: 'true', f: 'false' }

/**
 * Why a text is not a JSON object, in the words of Go's decoder (`invalid character 'o' in literal null (expecting 'u')`),
 * or undefined when it is one. Only the first token is told precisely.
 */
export function jsonProblem(text: string): string | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return syntaxProblem(text)
  }
  if (typeof value === 'object' && !Array.isArray(value)) return undefined
  const type = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
  return `json: cannot unmarshal ${type} into Go value of type map[string]interface {}`
}

function syntaxProblem(text: string): string {
  const start = text.trimStart()
  if (start === '') return 'unexpected end of JSON input'
  const literal = literals[start[0]!]
  if (literal !== undefined) {
    for (let i = 1; i < literal.length; i++) {
      const seen = start[i]
      if (seen === undefined) return 'unexpected end of JSON input'
      if (seen !== literal[i])
        return `invalid character ${quoted(seen)} in literal ${literal} (expecting ${quoted(literal[i]!)})`
    }
    return `invalid character ${quoted(start[literal.length] ?? ' ')} after top-level value`
  }
  if (!/^["{[\d-]/.test(start)) return `invalid character ${quoted(start[0]!)} looking for beginning of value`
  return 'unexpected end of JSON input'
}

function quoted(character: string): string {
  return character === "'" ? `'\\''` : `'${character}'`
}

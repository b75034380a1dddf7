import { badRequest } from '../http/status.ts'

/** Whether a set of labels is selected. */
export type LabelMatcher = (labels: Readonly<Record<string, string>>) => boolean

interface Requirement {
  readonly key: string
  readonly operator: '=' | '!=' | 'in' | 'notin' | 'exists' | '!' | '>' | '<'
  readonly values: readonly string[]
}

/** Compiles a label selector (`a=b,c in (d,e),!f`); undefined when it selects everything. Throws 400. */
export function parseLabelSelector(text: string): LabelMatcher | undefined {
  const requirements = parse(text)
  if (requirements.length === 0) return undefined
  return labels => requirements.every(requirement => matches(requirement, labels))
}

function matches({ key, operator, values }: Requirement, labels: Readonly<Record<string, string>>): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined
  switch (operator) {
    case 'exists':
      return value !== undefined
    case '!':
      return value === undefined
    case '=':
    case 'in':
      return value !== undefined && values.includes(value)
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value)
    default: {
      if (value === undefined || !/^[+-]?\d+$/.test(value)) return false
      const left = BigInt(value.replace('+', ''))
      const right = BigInt(values[0]!.replace('+', ''))
      return operator === '>' ? left > right : left < right
    }
  }
}

// The grammar of apimachinery's labels.Parse: words are anything but blanks, commas, parentheses and operator signs.
const token = /\s*(?:(,)|(\()|(\))|(!=|==|=|>|<|!)|([^\s,()!=<>]+))/y

function tokens(text: string): string[] {
  const out: string[] = []
  token.lastIndex = 0
  while (token.lastIndex < text.length) {
    const match = token.exec(text)
    if (!match) break
    out.push(match[1] ?? match[2] ?? match[3] ?? match[4] ?? match[5] ?? '')
  }
  return out
}

function isWord(text: string | undefined): text is string {
  return text !== undefined && !/^(?:[,()!=<>]|!=|==)$/.test(text)
}

function parse(text: string): Requirement[] {
  const list = tokens(text)
  const requirements: Requirement[] = []
  let at = 0
  if (list.length === 0) return []
  for (;;) {
    requirements.push(requirement())
    if (at >= list.length) break
    if (list[at] !== ',') throw bad(`found '${list[at]}', expected: ',' or 'end of string'`)
    at++
    if (at >= list.length) throw bad("found '', expected: identifier after ','")
  }
  return requirements

  function requirement(): Requirement {
    if (list[at] === '!') {
      at++
      return { key: key(), operator: '!', values: [] }
    }
    const name = key()
    const operator = list[at]
    if (operator === undefined || operator === ',') return { key: name, operator: 'exists', values: [] }
    at++
    switch (operator) {
      case 'in':
      case 'notin':
        return { key: name, operator, values: set().map(value) }
      case '=':
      case '==':
        return { key: name, operator: '=', values: [value(word())] }
      case '!=':
        return { key: name, operator: '!=', values: [value(word())] }
      case '>':
      case '<': {
        const number = word()
        if (!/^[+-]?\d+$/.test(number)) {
          throw badRequest(
            `unable to parse requirement: values[0][${name}]: Invalid value: "${number}": for 'Gt', 'Lt' operators, the value must be an integer`,
          )
        }
        return { key: name, operator, values: [number] }
      }
      default:
        throw bad(`found '${operator}', expected: in, notin, =, ==, !=, gt, lt`)
    }
  }

  function key(): string {
    const name = list[at]
    if (!isWord(name)) throw bad(`found '${name ?? ''}', expected: !, identifier, or 'end of string'`)
    at++
    checkKey(name)
    return name
  }

  function word(): string {
    const next = list[at]
    if (next === undefined || next === ',') return ''
    if (!isWord(next)) throw bad(`found '${next}', expected: identifier`)
    at++
    return next
  }

  function set(): string[] {
    if (list[at] !== '(') throw bad(`found '${list[at] ?? ''}' expected: '('`)
    at++
    const values: string[] = []
    for (;;) {
      const next = list[at]
      if (next === ')') {
        at++
        if (values.length === 0) values.push('')
        return values
      }
      if (next === ',') {
        at++
        if (list[at] === ')' || list[at] === ',') values.push('')
        continue
      }
      if (!isWord(next)) throw bad(`found '${next ?? ''}', expected: ',', ')' or identifier`)
      values.push(next)
      at++
    }
  }

  function bad(why: string): Error {
    return badRequest(`unable to parse requirement: ${why}`)
  }
}

const qualifiedName = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/
const labelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/

function checkKey(key: string): void {
  const name = key.slice(key.indexOf('/') + 1)
  if (name.length <= 63 && qualifiedName.test(name)) return
  throw badRequest(
    `unable to parse requirement: <nil>: Invalid value: "${key}": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
  )
}

function value(text: string): string {
  if (text.length <= 63 && labelValue.test(text)) return text
  const why =
    text.length > 63
      ? 'must be no more than 63 bytes'
      : "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
  throw badRequest(`unable to parse requirement: values[0][]: Invalid value: "${text}": ${why}`)
}

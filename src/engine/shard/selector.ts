import { SluiceError } from '../../base/errors/index.ts'

/** Decides by labels. */
export type LabelSelector = (labels: Readonly<Record<string, string>> | undefined) => boolean

const key = '(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?'
const value = '(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?'
const equality = new RegExp(`^(${key})\\s*(=|==|!=)\\s*(${value})$`)
const presence = new RegExp(`^(!?)\\s*(${key})$`)
const set = new RegExp(`^(${key})\\s+(in|notin)\\s*\\(\\s*(${value}(?:\\s*,\\s*${value})*)\\s*\\)$`)
const longest = 4096

/**
 * A label selector as kubectl and Flux's `--watch-label-selector` take it: `a=b`, `a!=b`, `a`, `!a`, `a in (b,c)`,
 * `a notin (b,c)`, all of which must hold; '' takes everything. Fails with E_ENGINE_SELECTOR.
 */
export function parseSelector(text: string): LabelSelector {
  const wrong = (seen: string) =>
    new SluiceError('E_ENGINE_SELECTOR', {
      object: text.slice(0, 200),
      expected: 'requirements such as a=b, a!=b, a, !a, a in (b,c) or a notin (b,c)',
      seen: JSON.stringify(seen.slice(0, 100)),
    })
  if (text.length > longest) throw wrong('a selector that is too long')
  if (text.trim() === '') return () => true
  const requirements = split(text).map(part => {
    const requirement = parseRequirement(part.trim())
    if (requirement === undefined) throw wrong(part)
    return requirement
  })
  return labels => requirements.every(holds => holds(labels ?? {}))
}

/** Splits at commas that are in no brackets. */
function split(text: string): string[] {
  const parts: string[] = ['']
  let depth = 0
  for (const c of text) {
    if (c === '(') depth++
    else if (c === ')') depth--
    if (c === ',' && depth === 0) parts.push('')
    else parts[parts.length - 1] += c
  }
  return parts
}

function parseRequirement(text: string): ((labels: Readonly<Record<string, string>>) => boolean) | undefined {
  const labelOf = (labels: Readonly<Record<string, string>>, name: string) =>
    Object.hasOwn(labels, name) ? labels[name] : undefined
  const equal = equality.exec(text)
  if (equal !== null) {
    const [, name = '', operator, wanted = ''] = equal
    if (operator === '!=') return labels => labelOf(labels, name) !== wanted
    return labels => labelOf(labels, name) === wanted
  }
  const one = presence.exec(text)
  if (one !== null) {
    const [, not, name = ''] = one
    return labels => (labelOf(labels, name) === undefined) === (not === '!')
  }
  const several = set.exec(text)
  if (several === null) return undefined
  const [, name = '', operator, list = ''] = several
  const values = new Set(list.split(',').map(item => item.trim()))
  if (operator === 'in') {
    return labels => {
      const seen = labelOf(labels, name)
      return seen !== undefined && values.has(seen)
    }
  }
  return labels => {
    const seen = labelOf(labels, name)
    return seen === undefined || !values.has(seen)
  }
}

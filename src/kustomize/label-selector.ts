import { Failure } from './failure.ts'

/** Whether labels (or annotations) are selected. */
export type LabelTest = (labels: ReadonlyMap<string, string>) => boolean

const requirement =
  /^\s*(?:(!)\s*([^\s=!<>,()]+)|([^\s=!<>,()]+)(?:\s*(==|=|!=|<|>)\s*([^\s,()]*)|\s+(in|notin)\s*\(([^)]*)\))?)\s*(?:,|$)/

/** Parses a label selector of Kubernetes (`a=b,c!=d,e in (f,g),!h,i`). @throws Failure when it is none */
export function parseLabelSelector(text: string): LabelTest {
  const tests: LabelTest[] = []
  let rest = text.trim()
  while (rest !== '') {
    const match = requirement.exec(rest)
    if (match === null) throw new Failure(`unable to parse requirement: found '${rest}', expected: a label selector`)
    tests.push(testOf(match))
    rest = rest.slice(match[0].length)
  }
  return labels => tests.every(test => test(labels))
}

function testOf(match: RegExpExecArray): LabelTest {
  const [, not, absent, key = '', operator, value = '', set, list] = match
  if (not !== undefined) return labels => !labels.has(absent!)
  if (set !== undefined) {
    const values = new Set(list!.split(',').map(item => item.trim()))
    if (set === 'in') return labels => labels.has(key) && values.has(labels.get(key)!)
    return labels => !labels.has(key) || !values.has(labels.get(key)!)
  }
  switch (operator) {
    case undefined:
      return labels => labels.has(key)
    case '!=':
      return labels => labels.get(key) !== value
    case '<':
      return labels => labels.has(key) && Number(labels.get(key)) < Number(value)
    case '>':
      return labels => labels.has(key) && Number(labels.get(key)) > Number(value)
    default:
      return labels => labels.get(key) === value
  }
}

import { isMap, isScalar, LineCounter, parseDocument } from 'yaml'
import type { Values } from '../../apps/index.ts'
import { SluiceError } from '../../base/errors/index.ts'
import { isObject } from '../../base/json.ts'
import { parseYaml } from '../../kube/yaml/index.ts'
import type { ValueProblemView } from '../contract/values.ts'

/** Values out of a YAML text, or what is wrong with it. */
export function parseValues(yaml: string): {
  readonly values?: Values
  readonly problems: readonly ValueProblemView[]
} {
  if (yaml.trim() === '') return { values: {}, problems: [] }
  try {
    const values = parseYaml(yaml)
    if (values === null || values === undefined) return { values: {}, problems: [] }
    if (isObject(values)) return { values, problems: [] }
    return { problems: [{ path: [], message: 'values are a mapping: names with what they are set to' }] }
  } catch (error) {
    const lines = new LineCounter()
    const [first] = parseDocument(yaml, { lineCounter: lines }).errors
    const place = first === undefined ? undefined : lines.linePos(first.pos[0])
    const message = first?.message.split('\n')[0] ?? (error instanceof Error ? error.message : 'it is no YAML')
    return { problems: [{ path: [], message, ...(place ? { line: place.line, column: place.col } : {}) }] }
  }
}

/** Values of a request, as data or as YAML. @throws E_APP_VALUES */
export function valuesOf(
  what: string,
  wish: { readonly values?: Values | undefined; readonly yaml?: string | undefined },
): Values {
  if (wish.yaml === undefined) return wish.values ?? {}
  const { values, problems } = parseValues(wish.yaml)
  if (values !== undefined) return values
  throw new SluiceError('E_APP_VALUES', {
    object: what,
    seen: problems[0]?.message ?? 'no mapping',
    details: { fields: problems },
  })
}

/** Problems with the lines of the text that they are in. */
export function withLines(yaml: string | undefined, problems: readonly ValueProblemView[]): ValueProblemView[] {
  if (yaml === undefined || problems.length === 0) return [...problems]
  const lines = new LineCounter()
  const document = parseDocument(yaml, { lineCounter: lines })
  return problems.map(problem => {
    if (problem.line !== undefined) return problem
    // The nearest key above it that is in the text.
    for (let length = problem.path.length; length > 0; length--) {
      const path = problem.path.slice(0, length)
      const parent = length === 1 ? document.contents : document.getIn(path.slice(0, -1), true)
      const key = path.at(-1)
      const pair = isMap(parent)
        ? parent.items.find(one => isScalar(one.key) && String(one.key.value) === String(key))
        : undefined
      const range = pair === undefined ? undefined : (pair.key as { range?: readonly number[] | null }).range
      if (!range) continue
      const { line, col } = lines.linePos(range[0]!)
      return { ...problem, line, column: col }
    }
    return problem
  })
}

import { fieldElement, formatElement, type PathElement } from '../fieldset/path-element.ts'
import { goSyntax, goType, goValue } from './go-text.ts'
import { ListElementProblem, stepTo } from './list-index.ts'
import { elementType, type ListModel, type MapModel, type ScalarKind, shapeFor, type TypeModel } from './type-model.ts'
import { asList, asMap } from './values.ts'

/** One way in which a value does not fit its type. */
export interface TypeProblem {
  /** Where: `.spec.containers[name="app"].image`; '' for the whole value. */
  readonly path: string
  /** What is wrong, in the words of structured-merge-diff. */
  readonly text: string
}

/** What does not fit. `allowDuplicates`: elements of sets and keyed lists may occur more than once, as in stored objects. */
export function validateTyped(value: unknown, type: TypeModel, allowDuplicates = false): TypeProblem[] {
  const problems: TypeProblem[] = []
  validate(value, type, '', { problems, allowDuplicates })
  return problems
}

/** The problems as one text, as Kubernetes prints them. */
export function formatProblems(problems: readonly TypeProblem[]): string {
  const lines = problems.map(({ path, text }) => (path === '' ? text : `${path}: ${text}`))
  return lines.length === 1 ? lines[0]! : ['errors:', ...lines.map(line => `  ${line}`)].join('\n')
}

interface Report {
  readonly problems: TypeProblem[]
  readonly allowDuplicates: boolean
}

function validate(value: unknown, type: TypeModel, path: string, report: Report): void {
  switch (shapeFor(type, value)) {
    case 'map':
      return validateMap(value, type.map!, path, report)
    case 'scalar':
      return validateScalar(value, type.scalar!, path, report)
    case 'list':
      return validateList(value, type.list!, path, report)
    default:
      report.problems.push({ path, text: 'schema error: invalid atom: inlined' })
  }
}

function validateScalar(value: unknown, kind: ScalarKind, path: string, report: Report): void {
  if (value === null) return
  const type = typeof value
  let text: string | undefined
  if (kind === 'numeric') {
    if (type !== 'number' && type !== 'bigint') text = `expected numeric (int or float), got ${goType(value)}`
  } else if (kind === 'string') {
    if (type !== 'string') text = `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`
  } else if (kind === 'boolean') {
    if (type !== 'boolean') text = `expected boolean, got &{${goValue(value)}}`
  } else if (type === 'object') text = `expected any scalar, got &{${goValue(value)}}`
  if (text !== undefined) report.problems.push({ path, text })
}

function validateMap(value: unknown, model: MapModel, path: string, report: Report): void {
  if (value === null) return
  const map = asMap(value)
  if (map === undefined) {
    report.problems.push({ path, text: `expected map, got &{${goValue(value)}}` })
    return
  }
  for (const key of Object.keys(map)) {
    if (map[key] === undefined) continue
    const type = model.field(key)?.type ?? model.element
    if (type === undefined) {
      report.problems.push({ path: `${path}.${key}`, text: 'field not declared in schema' })
      return
    }
    validate(map[key], type, path + formatElement(fieldElement(key)), report)
  }
}

function validateList(value: unknown, model: ListModel, path: string, report: Report): void {
  if (value === null) return
  const list = asList(value)
  if (list === undefined) {
    report.problems.push({ path, text: `expected list, got &{${goValue(value)}}` })
    return
  }
  const seen = new Set<PathElement>()
  for (const [index, item] of list.entries()) {
    let step: PathElement = `i:${index}`
    if (!model.atomic) {
      const found = stepTo(model, item)
      if (found instanceof ListElementProblem) {
        report.problems.push({ path, text: `element ${index}: ${found.text}` })
        return
      }
      step = found
      if (seen.has(step) && !report.allowDuplicates) {
        report.problems.push({ path, text: `duplicate entries for key ${formatElement(step)}` })
      }
      seen.add(step)
    }
    validate(item, elementType(model), path + formatElement(step), report)
  }
}

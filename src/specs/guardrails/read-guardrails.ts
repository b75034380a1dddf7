import { SluiceError } from '../../base/errors/index.ts'
import { isObject } from '../../base/json.ts'
import type { FieldError } from '../../kube/field-error.ts'
import { invalid } from '../../kube/field-errors.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { Schema } from '../../kube/schema/types.ts'
import { validateCustomResource } from '../../kube/structural/index.ts'
import { parseYaml } from '../../kube/yaml/index.ts'
import { placeOf, type TextFile } from '../document.ts'
import type { SpecProblem } from '../problem.ts'
import { findUnknownFields } from '../unknown-fields.ts'
import { type FreezeWindow, readFreezeWindow } from './freeze-window.ts'
import { type GuardrailSpec, type GuardrailsFile, guardrailsSchema } from './guardrails-schema.ts'

/** One entry of `sluice.yaml`, ready to be asked. */
export interface Guardrail extends Omit<GuardrailSpec, 'clusters' | 'groups' | 'freeze'> {
  readonly clusters: readonly string[]
  readonly groups: readonly string[]
  readonly freezes: readonly (FreezeWindow & { readonly place: string })[]
  /** Where a field of it stands: `sluice.yaml:12`. */
  readonly placeOf: (field: string) => string
}

const maxLength = 256 * 1024
const pattern = /^[A-Za-z0-9._*?-]{1,253}$/

/**
 * Reads `sluice.yaml`. Unknown fields are problems: a limit that is misspelt would hold nothing back. Guardrails are empty
 * when there are problems.
 */
export function readGuardrails(file: TextFile): {
  readonly guardrails: readonly Guardrail[]
  readonly problems: readonly SpecProblem[]
} {
  let value: unknown
  try {
    value = parseYaml(file.text, { maxLength, maxDepth: 20, maxExpanded: 20_000 })
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error
    const { line } = (error.facts.details ?? {}) as { line?: number }
    const detail = `the YAML cannot be read: ${error.facts.seen ?? error.message}`
    return { guardrails: [], problems: [whole(file, detail, line)] }
  }
  if (!isObject(value)) {
    return { guardrails: [], problems: [whole(file, 'expected a mapping with the field guardrails', 1)] }
  }
  const errors = fieldErrors(value)
  const place = (field: string) => placeOf({ text: file.text, file: file.path, line: 1 }, field)
  const guardrails = errors.length > 0 ? [] : rails(value as unknown as GuardrailsFile, place, errors)
  const problems = errors
    .map((error): SpecProblem => ({ ...error, object: '', ...place(error.field) }))
    .sort((a, b) => (a.line ?? 0) - (b.line ?? 0))
  return { guardrails: problems.length > 0 ? [] : guardrails, problems }
}

function fieldErrors(value: Record<string, unknown>): FieldError[] {
  const schema = guardrailsSchema as unknown as Schema
  const unknown = findUnknownFields(schema, value as unknown as KubeObject).map(({ field, value: seen, meant }) =>
    invalid(field, seen, `unknown field${meant === undefined ? '' : `; did you mean ${meant}?`}`),
  )
  return [...unknown, ...validateCustomResource(schema, value)]
}

function rails(
  file: GuardrailsFile,
  place: (field: string) => { file: string; line?: number },
  errors: FieldError[],
): Guardrail[] {
  const at = (field: string) => {
    const found = place(field)
    return found.line === undefined ? found.file : `${found.file}:${found.line}`
  }
  return file.guardrails.map(({ freeze = [], clusters = ['*'], groups = ['*'], ...limits }, i) => {
    const here = `guardrails[${i}]`
    for (const [name, list] of Object.entries({ clusters, groups })) {
      if (list.length === 0)
        errors.push(invalid(`${here}.${name}`, [], 'an empty list matches nothing: leave it out for all'))
      list.forEach((item, j) => {
        if (!pattern.test(item)) errors.push(invalid(`${here}.${name}[${j}]`, item, 'expected a name, * or ?'))
      })
    }
    const { floor, ceiling } = limits
    if (floor !== undefined && ceiling !== undefined && ceiling < floor) {
      errors.push(invalid(`${here}.ceiling`, ceiling, `must not be below floor, ${floor}`))
    }
    const has = [limits.largestStep, floor, ceiling, limits.twoPerson].some(one => one !== undefined)
    if (!has && freeze.length === 0) {
      errors.push(invalid(here, undefined, 'limits nothing: expected largestStep, floor, ceiling, twoPerson or freeze'))
    }
    const freezes = freeze.flatMap((spec, j) => {
      const field = `${here}.freeze[${j}]`
      const window = readFreezeWindow(spec, field)
      if ('endAt' in window) return [{ ...window, place: at(field) }]
      errors.push(...window)
      return []
    })
    return { ...limits, clusters, groups, freezes, placeOf: field => at(`${here}.${field}`) }
  })
}

function whole(file: TextFile, detail: string, line: number | undefined): SpecProblem {
  return {
    type: 'FieldValueInvalid',
    field: '',
    detail,
    object: '',
    file: file.path,
    ...(line === undefined ? {} : { line }),
  }
}

import type { FieldError } from '../../../kube/field-error.ts'
import { invalid } from '../http/status.ts'

/** What a client may ask of a write by query parameters. */
export interface WriteOptions {
  readonly dryRun: boolean
  /** The manager that fields are recorded under. */
  readonly manager: string
  readonly fieldValidation: 'Ignore' | 'Warn' | 'Strict'
  readonly force: boolean
}

const validations = new Set(['', 'Ignore', 'Strict', 'Warn'])

/**
 * Reads and checks CreateOptions, UpdateOptions or PatchOptions.
 * @param apply Whether this is a server-side apply, which alone knows `force` and needs `fieldManager`.
 */
export function readWriteOptions(
  kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions',
  query: URLSearchParams,
  userAgent: string | undefined,
  apply = false,
): WriteOptions {
  const errors: FieldError[] = []
  const manager = query.get('fieldManager') ?? ''
  const force = query.get('force')
  if (kind === 'PatchOptions') {
    if (!apply && force !== null) {
      errors.push({ type: 'FieldValueForbidden', field: 'force', detail: 'may not be specified for non-apply patch' })
    }
    if (apply && manager === '') {
      errors.push({ type: 'FieldValueRequired', field: 'fieldManager', detail: 'is required for apply patch' })
    }
  }
  checkManager(manager, errors)
  errors.push(...dryRunErrors(query.getAll('dryRun')))
  const fieldValidation = query.get('fieldValidation') ?? ''
  if (!validations.has(fieldValidation)) {
    errors.push({
      type: 'FieldValueNotSupported',
      field: 'fieldValidation',
      value: fieldValidation,
      detail: 'supported values: "", "Ignore", "Strict", "Warn"',
    })
  }
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', resource: kind, name: '' }, errors)
  return {
    dryRun: query.has('dryRun'),
    manager: manager === '' ? managerOfAgent(userAgent) : manager,
    fieldValidation: fieldValidation === '' ? 'Warn' : (fieldValidation as WriteOptions['fieldValidation']),
    force: force !== null && force !== 'false' && force !== '0',
  }
}

/** `dryRun` may only be `All`. */
export function dryRunErrors(values: readonly string[]): FieldError[] {
  if (values.every(value => value === 'All')) return []
  return [{ type: 'FieldValueNotSupported', field: 'dryRun', value: [...values], detail: 'supported values: "All"' }]
}

function checkManager(manager: string, errors: FieldError[]): void {
  if (manager.length > 128) {
    errors.push({
      type: 'FieldValueTooLong',
      field: 'fieldManager',
      value: manager,
      detail: 'may not be more than 128 bytes',
    })
  }
  for (let i = 0; i < manager.length; i++) {
    const code = manager.codePointAt(i)!
    if (code < 0x20 || code === 0x7f) {
      errors.push({
        type: 'FieldValueInvalid',
        field: 'fieldManager',
        value: manager,
        detail: `invalid character ${quoteCode(code)} (at position ${i})`,
      })
      return
    }
  }
}

function quoteCode(code: number): string {
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
}

/** The default manager: the user agent up to its first `/`, at most 128 characters (apiserver `managerOrUserAgent`). */
function managerOfAgent(agent: string | undefined): string {
  return (agent ?? '')
    .split('/', 1)[0]!
    .replace(/[^\x20-\x7e]/g, '')
    .slice(0, 128)
}

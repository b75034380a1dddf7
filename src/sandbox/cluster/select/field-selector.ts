import { valueAt } from '../../../base/json.ts'
import { badRequest } from '../http/status.ts'
import type { ServedKind } from '../kinds/registry.ts'
import type { StoredRecord } from '../store/record.ts'

/** A compiled field selector. */
export interface FieldMatcher {
  matches(record: StoredRecord): boolean
  /** The name that must be equal, when the selector asks for one: lists and watches of one object need not look at others. */
  readonly name: string | undefined
}

interface Term {
  readonly path: string
  readonly equal: boolean
  readonly value: string
}

/** Compiles a field selector (`metadata.name=a,spec.nodeName!=b`); undefined when it selects everything. Throws 400. */
export function parseFieldSelector(text: string, kind: ServedKind): FieldMatcher | undefined {
  const terms = splitTerms(text).map(term => parseTerm(term, text))
  if (terms.length === 0) return undefined
  for (const { path } of terms) {
    if (!isSelectable(kind, path)) {
      throw badRequest(unsupported(kind, path))
    }
  }
  return {
    matches: record => terms.every(({ path, equal, value }) => (read(record, path) === value) === equal),
    name: terms.find(({ path, equal }) => path === 'metadata.name' && equal)?.value,
  }
}

function isSelectable({ definition, version }: ServedKind, path: string): boolean {
  if (path === 'metadata.name') return true
  if (path === 'metadata.namespace') return definition.namespaced || !definition.custom
  return version.selectableFields?.includes(path) ?? false
}

/** Kinds with fields of their own have a conversion of field labels, and with it another text. */
function unsupported({ definition, version }: ServedKind, path: string): string {
  if (definition.custom || (version.selectableFields && version.selectableFields.length > 0))
    return `field label not supported: ${path}`
  return `"${path}" is not a known field selector: only "metadata.name", "metadata.namespace"`
}

function read(record: StoredRecord, path: string): string {
  if (path === 'metadata.name') return record.name
  if (path === 'metadata.namespace') return record.namespace
  const value = valueAt(record.object, path.split('.'))
  return value === undefined || value === null ? (absentValues[path] ?? '') : String(value)
}

/** How fields that JSON leaves out count. */
const absentValues: Readonly<Record<string, string>> = {
  'spec.unschedulable': 'false',
  'spec.hostNetwork': 'false',
  'status.replicas': '0',
  'status.successful': '0',
}

/** Splits at commas that are not escaped. */
function splitTerms(text: string): string[] {
  const terms: string[] = []
  let current = ''
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\' && i + 1 < text.length) current += text[i]! + text[++i]!
    else if (text[i] === ',') {
      terms.push(current)
      current = ''
    } else current += text[i]
  }
  terms.push(current)
  return terms.filter(term => term !== '')
}

function parseTerm(term: string, whole: string): Term {
  for (let i = 0; i < term.length; i++) {
    if (term[i] === '\\') {
      i++
      continue
    }
    for (const operator of ['!=', '==', '='] as const) {
      if (term.startsWith(operator, i)) {
        return { path: term.slice(0, i), equal: operator !== '!=', value: unescaped(term.slice(i + operator.length)) }
      }
    }
  }
  throw badRequest(`invalid selector: '${whole}'; can't understand '${term}'`)
}

function unescaped(value: string): string {
  return value.replace(/\\([\\,=])/g, '$1')
}

import type { FieldError } from '../../../kube/field-error.ts'
import type { ServedKind } from '../kinds/registry.ts'
import { type FieldMatcher, parseFieldSelector } from '../select/field-selector.ts'
import { type LabelMatcher, parseLabelSelector } from '../select/label-selector.ts'
import type { StoredRecord } from '../store/record.ts'
import { isTrue } from './route.ts'
import { badRequest, invalid } from './status.ts'

/** `metav1.ListOptions` of a list or watch, checked. */
export interface ListOptions {
  readonly labels: LabelMatcher | undefined
  readonly fields: FieldMatcher | undefined
  readonly resourceVersion: string
  readonly match: '' | 'Exact' | 'NotOlderThan'
  readonly limit: number
  readonly continueToken: string
  readonly sendInitialEvents: boolean | undefined
  readonly bookmarks: boolean
  /** Seconds; 0 when the client named none. */
  readonly timeoutSeconds: number
}

/** Reads and checks the options of a list or watch; throws 400 or 422. */
export function readListOptions(kind: ServedKind, query: URLSearchParams, watch: boolean): ListOptions {
  const labels = parseLabelSelector(query.get('labelSelector') ?? '')
  const fields = parseFieldSelector(query.get('fieldSelector') ?? '', kind)
  const initial = query.get('sendInitialEvents')
  const options: ListOptions = {
    labels,
    fields,
    resourceVersion: query.get('resourceVersion') ?? '',
    match: (query.get('resourceVersionMatch') ?? '') as ListOptions['match'],
    limit: integer(query.get('limit')),
    continueToken: query.get('continue') ?? '',
    sendInitialEvents: initial === null ? undefined : isTrue(initial),
    bookmarks: isTrue(query.get('allowWatchBookmarks')),
    timeoutSeconds: integer(query.get('timeoutSeconds')),
  }
  const errors = watch ? watchErrors(options) : listErrors(options)
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', resource: 'ListOptions', name: '' }, errors)
  return options
}

/** Whether a record is selected. */
export function isSelected(options: Pick<ListOptions, 'labels' | 'fields'>, record: StoredRecord): boolean {
  return (options.labels?.(record.labels) ?? true) && (options.fields?.matches(record) ?? true)
}

/** A resource version as a number; '' is 0; a text when it is none: what is wrong. */
export function parseVersion(text: string): number | string {
  if (text === '') return 0
  if (/^\d{1,16}$/.test(text)) return Number(text)
  const why = /^\d+$/.test(text) ? 'value out of range' : 'invalid syntax'
  return `resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: ${why}`
}

function integer(text: string | null): number {
  if (text === null || text === '') return 0
  if (!/^-?\d{1,18}$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  return Number(text)
}

const forbiddenMatch = (detail: string): FieldError => ({
  type: 'FieldValueForbidden',
  field: 'resourceVersionMatch',
  detail,
})

function listErrors({ match, resourceVersion, continueToken, sendInitialEvents }: ListOptions): FieldError[] {
  const errors: FieldError[] = []
  if (match !== '') {
    if (resourceVersion === '')
      errors.push(forbiddenMatch('resourceVersionMatch is forbidden unless resourceVersion is provided'))
    if (continueToken !== '') errors.push(forbiddenMatch('resourceVersionMatch is forbidden when continue is provided'))
    if (match !== 'Exact' && match !== 'NotOlderThan') {
      errors.push({
        type: 'FieldValueNotSupported',
        field: 'resourceVersionMatch',
        value: match,
        detail: 'supported values: "Exact", "NotOlderThan", ""',
      })
    }
    if (match === 'Exact' && resourceVersion === '0') {
      errors.push(forbiddenMatch('resourceVersionMatch "exact" is forbidden for resourceVersion "0"'))
    }
  }
  if (sendInitialEvents !== undefined) {
    errors.push({
      type: 'FieldValueForbidden',
      field: 'sendInitialEvents',
      detail: 'sendInitialEvents is forbidden for list',
    })
  }
  return errors
}

function watchErrors({ match, continueToken, sendInitialEvents }: ListOptions): FieldError[] {
  const errors: FieldError[] = []
  if (match !== '' && sendInitialEvents === undefined) {
    errors.push(forbiddenMatch('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'))
  }
  if (sendInitialEvents !== undefined) {
    if (match !== 'NotOlderThan') {
      errors.push(forbiddenMatch('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'))
    }
    if (match !== '' && match !== 'NotOlderThan') {
      errors.push({
        type: 'FieldValueNotSupported',
        field: 'resourceVersionMatch',
        value: match,
        detail: 'supported values: "NotOlderThan"',
      })
    }
    if (continueToken !== '') {
      errors.push(forbiddenMatch('resourceVersionMatch is forbidden when continue is provided'))
    }
  }
  return errors
}

import { isObject } from '../../../base/json.ts'
import type { FieldError } from '../../../kube/field-error.ts'
import { badRequest, invalid } from '../http/status.ts'
import { dryRunErrors } from './options.ts'

/** `metav1.DeleteOptions` after checking. */
export interface DeleteOptions {
  readonly dryRun: boolean
  readonly gracePeriodSeconds?: number
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan'
  readonly orphanDependents?: boolean
  readonly preconditions: { readonly uid?: string; readonly resourceVersion?: string }
}

const policies = new Set(['Background', 'Foreground', 'Orphan'])

/** Reads the options of a deletion from its body or, without one, from the query. */
export function readDeleteOptions(query: URLSearchParams, body: unknown): DeleteOptions {
  const from = isObject(body) ? fromBody(body) : fromQuery(query)
  const errors: FieldError[] = []
  const { propagationPolicy, orphanDependents, dryRun } = from
  if (orphanDependents !== undefined && propagationPolicy !== undefined) {
    errors.push({
      type: 'FieldValueInvalid',
      field: 'propagationPolicy',
      value: propagationPolicy,
      detail: 'orphanDependents and deletionPropagation cannot be both set',
    })
  }
  if (propagationPolicy !== undefined && !policies.has(propagationPolicy)) {
    errors.push({
      type: 'FieldValueNotSupported',
      field: 'propagationPolicy',
      value: propagationPolicy,
      detail: 'supported values: "Foreground", "Background", "Orphan", "nil"',
    })
  }
  errors.push(...dryRunErrors(dryRun))
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', resource: 'DeleteOptions', name: '' }, errors)
  return {
    ...from,
    propagationPolicy: propagationPolicy as DeleteOptions['propagationPolicy'],
    dryRun: dryRun.length > 0,
  }
}

interface RawOptions {
  readonly dryRun: readonly string[]
  readonly gracePeriodSeconds?: number
  readonly propagationPolicy?: string
  readonly orphanDependents?: boolean
  readonly preconditions: { readonly uid?: string; readonly resourceVersion?: string }
}

function fromBody(body: Record<string, unknown>): RawOptions {
  const { kind = 'DeleteOptions', apiVersion = 'v1' } = body
  if (kind !== 'DeleteOptions') {
    throw badRequest(
      `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/apis/meta/internalversion/scheme/register.go:27"`,
    )
  }
  const preconditions = isObject(body['preconditions']) ? body['preconditions'] : {}
  return {
    dryRun: Array.isArray(body['dryRun']) ? body['dryRun'].map(String) : [],
    gracePeriodSeconds: integer(body['gracePeriodSeconds']),
    propagationPolicy: text(body['propagationPolicy']),
    orphanDependents: typeof body['orphanDependents'] === 'boolean' ? body['orphanDependents'] : undefined,
    preconditions: { uid: text(preconditions['uid']), resourceVersion: text(preconditions['resourceVersion']) },
  }
}

function fromQuery(query: URLSearchParams): RawOptions {
  const orphan = query.get('orphanDependents')
  const grace = query.get('gracePeriodSeconds')
  if (grace !== null && !/^-?\d+$/.test(grace)) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(grace)}: invalid syntax`)
  }
  return {
    dryRun: query.getAll('dryRun'),
    gracePeriodSeconds: grace === null ? undefined : Number(grace),
    propagationPolicy: query.get('propagationPolicy') ?? undefined,
    orphanDependents: orphan === null ? undefined : orphan !== 'false' && orphan !== '0',
    preconditions: {},
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function integer(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) ? value : undefined
}

import type { ClusterState } from '../../cluster-state.ts'
import type { StoredRecord } from '../../store/record.ts'
import { type ContinueToken, decodeContinue, encodeContinue } from '../continue-token.ts'
import { isSelected, type ListOptions, parseVersion, readListOptions } from '../list-options.ts'
import { itemText, partialText } from '../present.ts'
import type { Answer, ResourceRequest } from '../request.ts'
import { representationOf } from '../respond.ts'
import { badRequest, expired, type StatusError, tooLargeVersion } from '../status.ts'
import { columnDefinitions, includeObjectOf, table, tableRow } from '../table.ts'

/** One page of a collection, or all of it. */
export function listVerb(cluster: ClusterState, request: ResourceRequest): Answer {
  const { as } = representationOf(request, true)
  const page = selectPage(cluster, request, readListOptions(request.kind, request.query, false))
  if (as === 'table') {
    const include = includeObjectOf(request.query)
    const now = cluster.clock.now()
    const rows = page.records.map(record => tableRow(request.kind, record.object, include, now))
    // The server's plain table has no rows at all where printers have an empty list.
    const plain = rows.length === 0 && !request.kind.definition.custom && !request.kind.version.columns
    return {
      status: 200,
      json: JSON.stringify(table(columnDefinitions(request.kind), plain ? null : rows, page.metadata)),
    }
  }
  const { definition, apiVersion } = request.kind
  const head =
    as === 'partial'
      ? '{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1"'
      : `{"kind":${JSON.stringify(definition.listKind)},"apiVersion":${JSON.stringify(apiVersion)}`
  const items = page.records.map(record =>
    as === 'partial' ? partialText(record.object) : itemText(request.kind, record.json),
  )
  return { status: 200, json: `${head},"metadata":${JSON.stringify(page.metadata)},"items":[${items.join(',')}]}` }
}

export interface Page {
  readonly records: readonly StoredRecord[]
  readonly metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number }
}

/** The records of a page and the list's metadata. */
export function selectPage(cluster: ClusterState, request: ResourceRequest, options: ListOptions): Page {
  const { namespace } = request
  const { records, version, start } = snapshot(cluster, request, options)
  const limit = options.limit > 0 ? options.limit : Number.POSITIVE_INFINITY
  const prefix = namespace === '' ? '' : `${namespace}/`
  const from = prefix + start
  const found: StoredRecord[] = []
  let remaining = 0
  let next: string | undefined
  for (const record of records) {
    if (start !== '' && record.key < from) continue
    if (!isSelected(options, record)) continue
    if (found.length < limit) found.push(record)
    else {
      next ??= record.key
      remaining++
    }
  }
  const metadata: Page['metadata'] = { resourceVersion: String(version) }
  if (next !== undefined) {
    metadata.continue = encodeContinue({ version, start: next.slice(prefix.length) })
    // With a selector the real server does not know how many will follow.
    if (!options.labels && !options.fields) metadata.remainingItemCount = remaining
  }
  return { records: found, metadata }
}

interface Snapshot {
  readonly records: Iterable<StoredRecord>
  readonly version: number
  readonly start: string
}

/** The state that a list is to show (API concepts, "Semantics for get and list"). */
function snapshot(cluster: ClusterState, request: ResourceRequest, options: ListOptions): Snapshot {
  const { store } = cluster
  const collection = store.collection(request.kind.collection)
  const live = (start = ''): Snapshot => ({ records: recordsOf(), version: store.version, start })
  const name = options.fields?.name
  const recordsOf = (): Iterable<StoredRecord> => {
    if (name === undefined || (request.namespace === '' && request.kind.definition.namespaced))
      return collection.records(request.namespace)
    const record = collection.get(request.namespace === '' ? name : `${request.namespace}/${name}`)
    return record ? [record] : []
  }
  if (options.continueToken !== '') {
    const token = decodeContinue(options.continueToken)
    if (options.resourceVersion !== '' && options.resourceVersion !== '0') {
      throw badRequest('specifying resource version is not allowed when using continue')
    }
    if (token.version < 0) return live(token.start)
    if (token.version > store.version) throw tooLargeVersion(token.version, store.version)
    if (token.version < collection.compacted) throw expiredToken(token)
    return {
      records: collection.recordsAt(token.version, request.namespace),
      version: token.version,
      start: token.start,
    }
  }
  const version = parseVersion(options.resourceVersion)
  if (typeof version === 'string') throw badRequest(`invalid resource version: ${version}`)
  if (version > store.version) throw tooLargeVersion(version, store.version)
  // A limit with a version and without a rule means that very version (the rule of servers before 1.19).
  const exact = options.match === 'Exact' || (options.match === '' && version > 0 && options.limit > 0)
  if (!exact || version === store.version) return live()
  if (version < collection.compacted) throw expired('The resourceVersion for the provided list is too old.')
  return { records: collection.recordsAt(version, request.namespace), version, start: '' }
}

function expiredToken(token: ContinueToken): StatusError {
  const error = expired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
      'the continue parameter, or use the continue token in this response to retrieve the remainder of the results. ' +
      'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or ' +
      'deleted between the time the first chunk was returned and now may show up in the list.',
  )
  error.status.metadata = { continue: encodeContinue({ version: -1, start: token.start }) }
  return error
}

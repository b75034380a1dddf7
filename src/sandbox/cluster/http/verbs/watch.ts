import type { ClusterState } from '../../cluster-state.ts'
import { errorLine, type LineForm } from '../../watch/lines.ts'
import { Watcher } from '../../watch/watcher.ts'
import { parseVersion, readListOptions } from '../list-options.ts'
import type { ResourceRequest } from '../request.ts'
import { representationOf } from '../respond.ts'
import { expired, StatusError } from '../status.ts'
import { includeObjectOf } from '../table.ts'

/** Watches without a timeout of their own end after 30 to 60 minutes, spread so that clients do not come back together. */
const minTimeoutMs = 30 * 60_000

/**
 * A stream of changes. Without a version or with version 0 it begins with what exists; a marked bookmark follows
 * that when bookmarks are wanted (KEP-3157); with a version it goes on after that version, or ends with 410 when that is forgotten.
 */
export function watchVerb(cluster: ClusterState, request: ResourceRequest): void {
  const { store, clock } = cluster
  const options = readListOptions(request.kind, request.query, true)
  // A watch of partial metadata is asked for with the kind of one object.
  const { as } = representationOf(request, false)
  const version = parseVersion(options.resourceVersion)
  if (typeof version === 'string') throw new StatusError(500, '', version)
  const collection = store.collection(request.kind.collection)
  const form: LineForm = {
    kind: request.kind,
    as,
    include: as === 'table' ? includeObjectOf(request.query) : 'Metadata',
    now: () => clock.now(),
  }
  const { answer } = request
  answer.statusCode = 200
  answer.setHeader('Content-Type', 'application/json')
  answer.setHeader('Cache-Control', 'no-cache, private')
  answer.flushHeaders()
  const wantsInitial = options.sendInitialEvents ?? version === 0
  if (!wantsInitial && version > 0 && version < collection.compacted) {
    answer.end(errorLine(expired(`too old resource version: ${version} (${collection.compacted})`).status))
    return
  }
  const timeoutMs = options.timeoutSeconds > 0 ? options.timeoutSeconds * 1000 : minTimeoutMs * (1 + Math.random())
  const watcher = new Watcher(answer, {
    collection,
    form,
    list: options,
    namespace: request.namespace,
    timeoutMs,
    version: () => store.version,
  })
  const end = () => watcher.end()
  request.signal.addEventListener('abort', end, { once: true })
  // A kind that goes away takes its watches with it.
  const { definition, version: served } = request.kind
  const forget = cluster.kinds.onChange(() => {
    if (!cluster.kinds.byPath(definition.group, served.version, definition.plural)) watcher.end()
  })
  answer.on('close', () => {
    request.signal.removeEventListener('abort', end)
    forget()
  })
  if (wantsInitial) watcher.sendInitial(options.bookmarks)
  watcher.start(wantsInitial || version === 0 ? store.version : version)
}

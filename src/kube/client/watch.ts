import { SluiceError } from '../../base/errors/index.ts'
import { isObject } from '../../base/json.ts'
import type { KubeObject } from '../object.ts'
import { abortedError, onAbort } from './abort.ts'
import type { Impersonation } from './access.ts'
import { factsOf, headerOf, parseStatus, refuseStrangers } from './call.ts'
import type { Connection } from './connection.ts'
import { Deadline } from './deadline.ts'
import { networkError } from './network-error.ts'
import { collectionPath, toGvk, withQuery } from './paths.ts'
import { retryAfterMs } from './retry-after.ts'
import { type RequestFacts, statusError } from './status.ts'
import type { TransportResponse } from './transport.ts'
import type { KindRef, WatchEvent, WatchOptions } from './types.ts'
import { linesOf } from './watch-stream.ts'

/** How long a server may take until a watch has begun. */
const beginMs = 30_000

/**
 * One watch connection. It ends without an error when the server ends it or the signal is aborted; a connection that
 * breaks throws. Bookmarks are asked for. Errors in the stream are given as events of type ERROR.
 */
export async function* openWatch(
  connection: Connection,
  identity: Impersonation | undefined,
  kind: KindRef,
  options: WatchOptions,
): AsyncGenerator<WatchEvent> {
  const { signal } = options
  if (signal.aborted) return
  const resource = await connection.resource(toGvk(kind), { signal })
  const target = withQuery(collectionPath(resource, options.namespace), {
    watch: true,
    allowWatchBookmarks: true,
    resourceVersion: options.resourceVersion,
    timeoutSeconds: options.timeoutSeconds,
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
  })
  const facts = factsOf(connection, { method: 'GET', target, object: `watch of ${resource.kind}` })
  // The stream itself has no deadline; the request until its first answer has.
  const streamEnd = new AbortController()
  const ignoreSignal = onAbort(signal, () => streamEnd.abort(signal.reason))
  try {
    const response = await begin(connection, identity, target, facts, streamEnd, signal)
    for await (const lines of linesOf(response.body)) {
      for (const line of lines) {
        const event = parseEvent(line, facts)
        if (signal.aborted) return
        yield event
      }
    }
  } catch (error) {
    if (signal.aborted) return
    throw error instanceof SluiceError ? error : networkError(facts, error)
  } finally {
    ignoreSignal()
    // The caller stopped reading: the connection must not stay open behind its back.
    streamEnd.abort()
  }
}

async function begin(
  connection: Connection,
  identity: Impersonation | undefined,
  target: string,
  facts: RequestFacts,
  streamEnd: AbortController,
  signal: AbortSignal,
): Promise<TransportResponse> {
  for (let refreshed = false; ; refreshed = true) {
    const deadline = new Deadline(beginMs, streamEnd.signal)
    // Aborting the stream's own signal is the only way to reach the request later.
    const ignoreDeadline = onAbort(deadline.signal, () => streamEnd.abort())
    try {
      const headers = connection.headers(identity)
      const response = await connection.transport.send({
        method: 'GET',
        target,
        headers,
        signal: streamEnd.signal,
        stream: true,
      })
      const contentType = headerOf(response, 'content-type') ?? ''
      if (response.statusCode < 300 && contentType.includes('json')) return response
      const text = await response.body.text()
      refuseStrangers(facts, response, contentType, text)
      if (response.statusCode < 300) {
        throw new SluiceError('E_KUBE_NOT_KUBERNETES', {
          object: `GET ${facts.path}`,
          seen: `a watch of type "${contentType}"`,
        })
      }
      if (response.statusCode === 401 && !refreshed && connection.transport.refreshCredentials()) continue
      const status = parseStatus(contentType, text)
      const failure = statusError(facts, response.statusCode, status)
      const wait = retryAfterMs(headerOf(response, 'retry-after'), status, connection.clock.now())
      if (wait === undefined) throw failure
      throw new SluiceError(failure.code, {
        ...failure.facts,
        details: { ...failure.facts.details, retryAfterMs: wait },
      })
    } catch (error) {
      if (deadline.expired) {
        throw new SluiceError('E_KUBE_TIMEOUT', {
          object: facts.object ?? facts.path,
          seen: `no answer from ${facts.server} within ${beginMs / 1000} s`,
          cause: error,
        })
      }
      if (signal.aborted) throw abortedError(signal)
      throw error
    } finally {
      ignoreDeadline()
      deadline.end()
    }
  }
}

const types = new Set(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR'])

function parseEvent(line: string, facts: RequestFacts): WatchEvent {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (cause) {
    throw new SluiceError('E_KUBE_NOT_KUBERNETES', {
      object: facts.object ?? facts.path,
      seen: 'a watch event that is not JSON',
      cause,
    })
  }
  if (
    !isObject(value) ||
    typeof value['type'] !== 'string' ||
    !types.has(value['type']) ||
    !isObject(value['object'])
  ) {
    throw new SluiceError('E_KUBE_NOT_KUBERNETES', {
      object: facts.object ?? facts.path,
      seen: 'a line that is no watch event',
    })
  }
  return { type: value['type'] as WatchEvent['type'], object: value['object'] as KubeObject }
}

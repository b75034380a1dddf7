import type { Clock } from '../../base/clock.ts'
import { systemClock } from '../../base/clock.ts'
import { type Logger, silentLogger } from '../../base/log.ts'
import { formatRef, type ObjectRef, refOf } from '../identity.ts'
import type { KubeObject } from '../object.ts'
import type { ClusterAccess, Impersonation } from './access.ts'
import { Connection } from './connection.ts'
import { listAll } from './list.ts'
import { collectionPath, objectPath, toGvk, withQuery } from './paths.ts'
import type { RequestCount } from './request-counts.ts'
import { isNotFound } from './status.ts'
import { impersonationHeaders } from './transport.ts'
import type {
  ApiResource,
  ApplyOptions,
  CallOptions,
  DeleteOptions,
  ForwardedAnswer,
  ForwardRequest,
  Guarded,
  KindRef,
  KubeClient,
  ListOptions,
  ListResult,
  PatchType,
  RequestOptions,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from './types.ts'
import { openWatch } from './watch.ts'

export interface KubeClientOptions {
  /** Sent as User-Agent, e.g. `sluice/0.1.0`. */
  readonly userAgent: string
  /** Most calls on the wire at the same time; 32 when absent. Watches come on top. */
  readonly connections?: number
  /** Milliseconds that making a connection may take; 10 000 when absent. */
  readonly connectTimeoutMs?: number
  readonly clock?: Clock
  readonly logger?: Logger
}

/**
 * A client of the API server that an access leads to. Nothing is sent before the first call.
 *
 * @example
 * const client = createKubeClient(await loadKubeConfig({ env: process.env }), { userAgent: 'sluice/0.1.0' })
 * const { items } = await client.list({ apiVersion: 'apps/v1', kind: 'Deployment' }, { namespace: 'default' })
 */
export function createKubeClient(access: ClusterAccess, options: KubeClientOptions): KubeClient {
  const connection = new Connection(access, {
    userAgent: options.userAgent,
    connections: options.connections ?? 32,
    connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
    clock: options.clock ?? systemClock,
    logger: options.logger ?? silentLogger,
  })
  return new Client(connection, access.impersonate, true)
}

const patchTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const

class Client implements KubeClient {
  readonly #connection: Connection
  readonly #identity: Impersonation | undefined
  /** Only the first client of a connection ends it. */
  readonly #owner: boolean

  constructor(connection: Connection, identity: Impersonation | undefined, owner: boolean) {
    this.#connection = connection
    this.#identity = identity
    this.#owner = owner
  }

  get server(): string {
    return this.#connection.server
  }

  async request<T = unknown>(options: RequestOptions): Promise<T> {
    const method = (options.method ?? 'GET').toUpperCase()
    return this.#connection.send<T>(this.#identity, {
      ...limits(options),
      method,
      target: withQuery(options.path, options.query),
      body: options.body,
      contentType: options.contentType,
      headers: options.headers,
      repeatable: method === 'GET' || method === 'HEAD' || method === 'DELETE',
      anyAnswer: true,
    })
  }

  async resourceFor(kind: KindRef, options: CallOptions = {}): Promise<ApiResource | undefined> {
    return this.#connection.discovery.resourceFor(toGvk(kind), options)
  }

  resources(options: CallOptions = {}): Promise<readonly ApiResource[]> {
    return this.#connection.discovery.resources(options)
  }

  invalidateDiscovery(): void {
    this.#connection.discovery.invalidate()
  }

  async get(ref: ObjectRef, options: CallOptions = {}): Promise<KubeObject> {
    const resource = await this.#connection.resource(ref, options)
    return this.#connection.send(this.#identity, {
      ...limits(options),
      method: 'GET',
      target: objectPath(resource, ref.namespace, ref.name),
      repeatable: true,
      object: formatRef(ref),
    })
  }

  async find(ref: ObjectRef, options: CallOptions = {}): Promise<KubeObject | undefined> {
    try {
      return await this.get(ref, options)
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }

  async list(kind: KindRef, options: ListOptions = {}): Promise<ListResult> {
    const resource = await this.#connection.resource(toGvk(kind), options)
    return listAll(this.#connection, this.#identity, resource, options)
  }

  async create(object: KubeObject, options: WriteOptions = {}): Promise<KubeObject> {
    const ref = refOf(object)
    const resource = await this.#connection.resource(ref, options)
    const name = ref.name || `${object.metadata.generateName ?? ''}…`
    // A subresource (`eviction`, `token`) is made below an object; the object itself below its collection.
    const of = objectPath(resource, ref.namespace, ref.name || 'generated', options.subresource)
    return this.#connection.send(this.#identity, {
      ...limits(options),
      method: 'POST',
      target: withQuery(
        options.subresource === undefined ? collectionPath(resource, ref.namespace) : of,
        writeQuery(options),
      ),
      body: object,
      // A second POST after an unknown outcome could make a second object, or fail on the first one's name.
      repeatable: false,
      object: formatRef({ ...ref, name }),
    })
  }

  async replace(object: KubeObject, options: WriteOptions = {}): Promise<KubeObject> {
    const ref = refOf(object)
    const resource = await this.#connection.resource(ref, options)
    return this.#connection.send(this.#identity, {
      ...limits(options),
      method: 'PUT',
      target: withQuery(objectPath(resource, ref.namespace, ref.name, options.subresource), writeQuery(options)),
      body: object,
      repeatable: false,
      object: formatRef(ref),
    })
  }

  patch(ref: ObjectRef, type: PatchType, patch: unknown, options: WriteOptions = {}): Promise<KubeObject> {
    return this.#patch(ref, type, patch, options, {}, false)
  }

  apply(object: KubeObject, options: ApplyOptions): Promise<KubeObject> {
    // Applying twice is applying once, so an unknown outcome may be repeated.
    return this.#patch(refOf(object), 'apply', object, options, { force: options.force }, true)
  }

  async delete(ref: ObjectRef, options: DeleteOptions = {}): Promise<boolean> {
    try {
      const resource = await this.#connection.resource(ref, options)
      const { propagationPolicy, gracePeriodSeconds, preconditions, dryRun } = options
      await this.#connection.send(this.#identity, {
        ...limits(options),
        method: 'DELETE',
        target: objectPath(resource, ref.namespace, ref.name),
        body: {
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          propagationPolicy,
          gracePeriodSeconds,
          preconditions,
          ...(dryRun ? { dryRun: ['All'] } : {}),
        },
        repeatable: true,
        object: formatRef(ref),
      })
      return true
    } catch (error) {
      if (isNotFound(error)) return false
      throw error
    }
  }

  watch(kind: KindRef, options: WatchOptions): AsyncIterable<WatchEvent> {
    return openWatch(this.#connection, this.#identity, kind, options)
  }

  as(user: string, groups?: readonly string[]): KubeClient {
    return new Client(this.#connection, groups ? { user, groups } : { user }, false)
  }

  async forward(request: ForwardRequest): Promise<ForwardedAnswer> {
    const { method, target, body, signal, stream, allowed } = request
    const headers = { ...request.headers, ...impersonationHeaders(this.#identity) }
    const answer = await this.#connection.transport.send({
      method,
      target,
      headers,
      signal,
      stream,
      ...(body === undefined ? {} : { body }),
      ...(allowed ? { allowed } : {}),
    })
    return { status: answer.statusCode, headers: answer.headers, body: answer.body }
  }

  requestCounts(): readonly RequestCount[] {
    return this.#connection.transport.counts.list()
  }

  async close(): Promise<void> {
    if (this.#owner) await this.#connection.close()
  }

  async #patch(
    ref: ObjectRef,
    type: keyof typeof patchTypes,
    patch: unknown,
    options: WriteOptions,
    query: { readonly force?: boolean | undefined },
    repeatable: boolean,
  ): Promise<KubeObject> {
    const resource = await this.#connection.resource(ref, options)
    const path = objectPath(resource, ref.namespace, ref.name, options.subresource)
    return this.#connection.send(this.#identity, {
      ...limits(options),
      method: 'PATCH',
      target: withQuery(path, { ...writeQuery(options), force: query.force || undefined }),
      body: patch,
      contentType: patchTypes[type],
      repeatable,
      object: formatRef(ref),
    })
  }
}

function limits({ signal, timeoutMs, allowed }: CallOptions & Guarded): CallOptions & Guarded {
  return {
    ...(signal ? { signal } : {}),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(allowed ? { allowed } : {}),
  }
}

function writeQuery(options: WriteOptions): Record<string, string | undefined> {
  return {
    fieldManager: options.fieldManager,
    dryRun: options.dryRun ? 'All' : undefined,
    fieldValidation: options.fieldValidation,
  }
}

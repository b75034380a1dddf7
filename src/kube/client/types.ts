import type { Readable } from 'node:stream'
import type { GroupVersionKind, ObjectRef } from '../identity.ts'
import type { KubeObject } from '../object.ts'
import type { RequestCount } from './request-counts.ts'

/** One kind as the server's discovery describes it. */
export interface ApiResource extends GroupVersionKind {
  /** The plural name in paths, e.g. `deployments`. */
  readonly plural: string
  readonly singular: string
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly namespaced: boolean
  readonly verbs: readonly string[]
  /** Names of subresources: `status`, `scale`, … */
  readonly subresources: readonly string[]
}

export interface CallOptions {
  readonly signal?: AbortSignal
  /** Milliseconds after which the call fails with E_KUBE_TIMEOUT; 30 000 when absent. */
  readonly timeoutMs?: number
}

export interface WriteOptions extends CallOptions, Guarded {
  readonly fieldManager?: string
  readonly dryRun?: boolean
  /** `Strict` refuses unknown and duplicate fields. */
  readonly fieldValidation?: 'Ignore' | 'Warn' | 'Strict'
  readonly subresource?: string
}

export interface ApplyOptions extends WriteOptions {
  readonly fieldManager: string
  /** Take fields that other managers own. */
  readonly force?: boolean
}

export type PatchType = 'json' | 'merge' | 'strategic'

export interface DeleteOptions extends CallOptions, Guarded {
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan'
  readonly gracePeriodSeconds?: number
  readonly dryRun?: boolean
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string }
}

export interface ListOptions extends CallOptions {
  /** One namespace; all of them when absent. */
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
  /** Page size; 500 when absent. All pages are read. */
  readonly limit?: number
  /** Ask for metadata only (PartialObjectMetadataList). */
  readonly metadataOnly?: boolean
}

export interface ListResult {
  readonly items: KubeObject[]
  /** The collection's version: where a watch goes on. */
  readonly resourceVersion: string
}

export interface RequestOptions extends CallOptions, Guarded {
  readonly method?: string
  /** Path below the server's base, starting with `/`. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON; a string is sent as it is. */
  readonly body?: unknown
  readonly contentType?: string
}

/** A write that may be held back until the very moment at which it goes out. */
export interface Guarded {
  /** Called right before each sending, a repeat included; what it throws fails the call, and nothing is sent. */
  readonly allowed?: () => void
}

/** What kind of object a call is about; the client finds the path by discovery. */
export type KindRef = GroupVersionKind | { readonly apiVersion: string; readonly kind: string }

/**
 * A client of one Kubernetes API server. Failures are SluiceErrors: the server's Status (reason, code, causes) stands in
 * `facts.details.status`; see `statusOf`. 429 and 503 with Retry-After are waited out and tried again by the client.
 */
export interface KubeClient {
  /** Base URL without credentials. */
  readonly server: string
  /** Any request; resolves with the parsed JSON (or text when the answer is not JSON). */
  request<T = unknown>(options: RequestOptions): Promise<T>
  /** The resource of a kind; undefined when the server does not know it (asked afresh at most every few seconds). */
  resourceFor(kind: KindRef, options?: CallOptions): Promise<ApiResource | undefined>
  /** All resources, preferred versions first. */
  resources(options?: CallOptions): Promise<readonly ApiResource[]>
  /** Forget what discovery said. */
  invalidateDiscovery(): void
  get(ref: ObjectRef, options?: CallOptions): Promise<KubeObject>
  /** Like get, but undefined when the object (or its kind) is not there. */
  find(ref: ObjectRef, options?: CallOptions): Promise<KubeObject | undefined>
  list(kind: KindRef, options?: ListOptions): Promise<ListResult>
  create(object: KubeObject, options?: WriteOptions): Promise<KubeObject>
  replace(object: KubeObject, options?: WriteOptions): Promise<KubeObject>
  patch(ref: ObjectRef, type: PatchType, patch: unknown, options?: WriteOptions): Promise<KubeObject>
  /** Server-side apply. */
  apply(object: KubeObject, options: ApplyOptions): Promise<KubeObject>
  /** Resolves with true when something was deleted (or its deletion was started), false when it was not there. */
  delete(ref: ObjectRef, options?: DeleteOptions): Promise<boolean>
  /**
   * One watch connection: yields events until the server ends it or the signal is aborted.
   * Prefer an Informer, which survives disconnects, 410 and restarts.
   */
  watch(kind: KindRef, options: WatchOptions): AsyncIterable<WatchEvent>
  /** A client that acts as another identity (impersonation headers), over the same connections. */
  as(user: string, groups?: readonly string[]): KubeClient
  /**
   * Sends a request of another program (helm) as this client's identity and gives the answer as it comes, whatever its
   * status: nothing is parsed, waited for or repeated. Absent where a client cannot do that.
   */
  forward?(request: ForwardRequest): Promise<ForwardedAnswer>
  /** How many requests were answered how so far, watches and repeats among them. Absent where nobody counts. */
  requestCounts?(): readonly RequestCount[]
  close(): Promise<void>
}

/** A request to pass on. */
export interface ForwardRequest extends Guarded {
  readonly method: string
  /** Path and query below the server's base. */
  readonly target: string
  /** Lower-case names; no credentials: those of the client are added. */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Buffer
  readonly signal: AbortSignal
  /** An answer that goes on until it is ended: a watch. */
  readonly stream: boolean
}

/** An answer of the API server as it comes. */
export interface ForwardedAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: Readable
}

export interface WatchOptions {
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
  readonly resourceVersion?: string
  readonly timeoutSeconds?: number
  readonly signal: AbortSignal
}

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  readonly object: KubeObject
}

/** `metav1.Status` of a failure. */
export interface Status {
  readonly kind: 'Status'
  readonly status?: string
  readonly code?: number
  readonly reason?: string
  readonly message?: string
  readonly details?: {
    readonly name?: string
    readonly group?: string
    readonly kind?: string
    readonly retryAfterSeconds?: number
    readonly causes?: readonly { readonly reason?: string; readonly message?: string; readonly field?: string }[]
  }
}

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { User } from '../auth/user.ts'
import type { ServedKind } from '../kinds/registry.ts'

/** What a client wants done, in Kubernetes' words. */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection'

/** A request on a resource, after routing. */
export interface ResourceRequest {
  readonly verb: Verb
  readonly kind: ServedKind
  /** '' for cluster-scoped kinds and for lists over all namespaces. */
  readonly namespace: string
  /** '' for collections. */
  readonly name: string
  /** '' for the object itself. */
  readonly subresource: string
  readonly query: URLSearchParams
  readonly user: User
  readonly http: IncomingMessage
  readonly answer: ServerResponse
  /** Aborted when the client goes away or the server closes. */
  readonly signal: AbortSignal
  /** Warnings to send along. */
  readonly warnings: string[]
}

/** What a verb answers, before negotiation: an object or text in JSON form. */
export interface Answer {
  readonly status: number
  /** JSON text. */
  readonly json: string
  /** Where it is more than `application/json`. */
  readonly contentType?: string
}

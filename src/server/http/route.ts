import type { Context } from 'hono'
import type { ZodType, z } from 'zod'
import type { Principal, Role, Scope } from '../../access/index.ts'
import type { ServerContext } from '../context.ts'

/** What came with a request, checked against the route's schemas. */
export interface Input<P, Q, B> {
  readonly context: ServerContext
  readonly params: P
  readonly query: Q
  readonly body: B
}

/** What a handler gets. */
export interface Call<P, Q, B> extends Input<P, Q, B> {
  /** Who asks; there on every route that is not public. */
  readonly principal: Principal | undefined
  /** Who asks; fails with E_SIGNED_OUT when nobody does. */
  readonly who: Principal
  readonly request: RequestFacts
  /** Adds to the audit entry that the route writes. */
  note(facts: AuditFacts): void
  /** The request and answer of the HTTP framework: for cookies, streams and raw bodies. */
  readonly http: Context
}

export interface RequestFacts {
  readonly id: string
  /** Of the person's machine, as far as it is known. */
  readonly address: string
  /** Whether the person's browser speaks HTTPS. */
  readonly secure: boolean
}

export interface AuditFacts {
  readonly object?: string
  readonly project?: string
  readonly environment?: string
  /** The commit that came of it. */
  readonly commit?: string
  /** Never a secret. */
  readonly detail?: Readonly<Record<string, unknown>>
}

/**
 * What a request has to prove.
 * - `public`: nothing; say `why`.
 * - `signed-in`: a session or API token.
 * - a role `somewhere`: for lists, which then show what the grants reach.
 * - a role in a scope: fixed ({@link everything}), or worked out from the request and who asks. A scope that cannot be worked out
 *   because the thing is not there fails with E_NOT_FOUND; so does one of a thing that they may not see, in the same words.
 */
export type Needs<P, Q, B> =
  | { readonly public: string }
  | 'signed-in'
  | {
      readonly role: Role
      readonly scope:
        | 'somewhere'
        | Scope
        | ((input: Input<P, Q, B> & { readonly who: Principal }) => Scope | Promise<Scope>)
    }

/** What a request that changes something leaves in the audit log. */
export type AuditRule<P, B> =
  | { readonly action: string; readonly object: string | ((input: { readonly params: P; readonly body: B }) => string) }
  /** It changes nothing that lasts: say why. */
  | { readonly none: string }

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

export interface Route<P = unknown, Q = unknown, B = unknown, A = unknown> {
  readonly method: Method
  /** `/api/v1/users/{id}`. */
  readonly path: string
  readonly tag: string
  /** One line for the reference. */
  readonly summary: string
  /** More for the reference. */
  readonly description?: string
  readonly needs: Needs<P, Q, B>
  readonly params?: ZodType<P>
  readonly query?: ZodType<Q>
  readonly body?: ZodType<B>
  /** The body is handed over as it came, by `http.get('raw')`: for webhooks, whose signature is checked before parsing. */
  readonly rawBody?: boolean
  /** 1 MiB when absent. */
  readonly maxBodyBytes?: number
  /** What is answered; fields that are not in it are left out. Absent: no body (204), or a Response of the handler's own. */
  readonly answer?: ZodType<A>
  /** 200 with an answer, 204 without. */
  readonly status?: 200 | 201 | 202 | 204
  /** Has to be there on every method but get. */
  readonly audit?: AuditRule<P, B>
  /** Content type of an answer that is a Response of the handler's own. */
  readonly contentType?: string
  handle(call: Call<P, Q, B>): Promise<unknown>
}

// biome-ignore lint/suspicious/noExplicitAny: a list of routes of all shapes
export type AnyRoute = Route<any, any, any, any>

type Typed<P extends ZodType, Q extends ZodType, B extends ZodType, A extends ZodType> = Omit<
  Route<z.output<P>, z.output<Q>, z.output<B>, z.output<A>>,
  'params' | 'query' | 'body' | 'answer' | 'handle'
> & {
  readonly params?: P
  readonly query?: Q
  readonly body?: B
  readonly answer?: A
  handle(call: Call<z.output<P>, z.output<Q>, z.output<B>>): Promise<z.input<A> | Response>
}

/**
 * Declares a route; its types follow from its schemas.
 *
 * @example
 * export const getThing = defineRoute({
 *   method: 'get',
 *   path: '/api/v1/things/{id}',
 *   tag: 'things',
 *   summary: 'One thing',
 *   needs: { role: 'viewer', scope: ({ context, params }) => scopeOfThing(context, params.id) },
 *   params: z.object({ id: z.string() }),
 *   answer: thingSchema,
 *   handle: async ({ context, params }) => readThing(context.store.db, params.id),
 * })
 */
export function defineRoute<
  P extends ZodType = ZodType<undefined>,
  Q extends ZodType = ZodType<undefined>,
  B extends ZodType = ZodType<undefined>,
  A extends ZodType = ZodType<undefined>,
>(route: Typed<P, Q, B, A>): AnyRoute {
  return route as unknown as AnyRoute
}

/** What is wrong with the declarations of routes: each has to say what it needs and what it leaves in the audit log. */
export function routeFaults(routes: readonly AnyRoute[]): string[] {
  const faults: string[] = []
  const seen = new Set<string>()
  for (const { method, path, needs, audit, params, summary, tag } of routes) {
    const name = `${method.toUpperCase()} ${path}`
    if (seen.has(name)) faults.push(`${name} is declared twice`)
    seen.add(name)
    if (needs === undefined) faults.push(`${name} does not say what it needs`)
    if (typeof needs === 'object' && 'public' in needs && needs.public === '')
      faults.push(`${name} does not say why it is public`)
    if (method !== 'get' && audit === undefined) faults.push(`${name} does not say what it leaves in the audit log`)
    if (path.includes('{') && params === undefined) faults.push(`${name} has no schema for its parameters`)
    if (!summary || !tag) faults.push(`${name} has no summary or tag`)
  }
  return faults
}

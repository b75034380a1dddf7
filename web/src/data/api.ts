import { ApiError, problemOf } from './api-error.ts'
import { sessionGate } from './session-gate.ts'

export interface ApiRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Sent as JSON. */
  readonly body?: unknown
  /** Parameters of the address; those that are undefined are left out. Never a secret: addresses are logged. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  readonly signal?: AbortSignal
  /** Do not wait for a new sign-in when the session has ended: for the requests of signing in itself. */
  readonly withoutSession?: boolean
}

/** The address of an API route: `apiPath('/applications', {project: 'shop'})`. */
export function apiPath(path: string, query: ApiRequest['query'] = {}): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) params.set(name, String(value))
  const text = params.toString()
  return `/api/v1${path}${text === '' ? '' : `?${text}`}`
}

/**
 * Asks the server. `T` is the type of the contract (`src/server/contract`) for this route.
 * When the session has ended, waits until the person has signed in again in the dialog over the page and asks once more:
 * what was typed stays where it is, and the button that was pressed does what it says.
 * @throws ApiError for an answer of 400 and above, and where none came.
 * @throws the signal's reason when aborted.
 */
export async function api<T>(path: string, request: ApiRequest = {}): Promise<T> {
  const answer = await send(path, request)
  if (answer.status !== 401 || request.withoutSession === true) return read<T>(answer)
  await sessionGate.renewed(request.signal)
  return read<T>(await send(path, request))
}

async function send(path: string, { method = 'GET', body, query, signal }: ApiRequest): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json' }
  if (body !== undefined) headers['content-type'] = 'application/json'
  try {
    return await fetch(apiPath(path, query), {
      method,
      headers,
      credentials: 'same-origin',
      redirect: 'error',
      cache: 'no-store',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    })
  } catch (cause) {
    signal?.throwIfAborted()
    throw new ApiError(0, { ...problemOf(0, undefined), seen: cause instanceof Error ? cause.message : String(cause) })
  }
}

async function read<T>(answer: Response): Promise<T> {
  const text = await answer.text()
  let body: unknown
  try {
    body = text === '' ? undefined : JSON.parse(text)
  } catch {
    if (answer.ok) throw new ApiError(answer.status, { ...problemOf(answer.status, undefined), seen: 'no JSON' })
  }
  if (!answer.ok) throw new ApiError(answer.status, problemOf(answer.status, body))
  return body as T
}

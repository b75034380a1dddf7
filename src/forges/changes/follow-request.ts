import { backoffDelay } from '../../base/backoff.ts'
import { systemClock } from '../../base/clock.ts'
import { SluiceError } from '../../base/errors/index.ts'
import { listRemoteRefs } from '../../git/index.ts'
import type { ChangeRequest } from '../change-request.ts'
import { patiently, usualPoll } from './patiently.ts'
import type { Change } from './types.ts'

/** Why following a request ended: it was decided, or its base moved, so that its branch has to be looked at again. */
export type Followed =
  | { readonly end: 'merged' | 'closed'; readonly request: ChangeRequest }
  | { readonly end: 'base-moved'; readonly request: ChangeRequest }

/** What is followed. */
export interface Following {
  readonly request: ChangeRequest
  /** Tip of the request's branch that has been told of already. */
  readonly head: string
  /** Tip of the base when the branch was looked at. */
  readonly base: string
  /** When to give up: a reading of the clock's monotonic time. */
  readonly deadline: number
}

const aDayMs = 24 * 3600_000

/** When waiting for a review that begins now ends. */
export function reviewDeadline({ clock = systemClock, reviewTimeoutMs = aDayMs }: Change): number {
  return clock.monotonic() + reviewTimeoutMs
}

/**
 * Asks the host for the request, ever more seldom, until it is merged or closed, or its base has moved. Fails with
 * E_FORGE_REQUEST_OPEN at the deadline, E_FORGE_REQUEST_CLOSED when the request is gone.
 */
export async function followRequest(change: Change, following: Following): Promise<Followed> {
  const { signal, clock = systemClock, poll = usualPoll } = change
  const { request } = following
  let { head } = following
  for (let tries = 1; ; tries++) {
    const seen = await patiently(change, request, () => look(change, following))
    if ('end' in seen) return seen
    const { headCommit } = seen.request
    if (headCommit !== undefined && !head.startsWith(headCommit)) {
      head = headCommit
      change.onReview?.({ type: 'request-changed', request: seen.request })
    }
    if (clock.monotonic() >= following.deadline)
      throw new SluiceError('E_FORGE_REQUEST_OPEN', { object: request.url, seen: `open: ${request.title}` })
    await clock.sleep(backoffDelay(tries, poll), signal)
  }
}

/** One look at the request and at its base. */
async function look(change: Change, following: Following): Promise<Followed | { readonly request: ChangeRequest }> {
  const { forge, owner, repository, remote, branch, signal } = change
  const { id, url } = following.request
  const request = await forge.changeRequests.read(owner, repository, id, signal)
  if (!request) throw new SluiceError('E_FORGE_REQUEST_CLOSED', { object: url, seen: 'the host has it no more' })
  if (request.state !== 'open') return { end: request.state, request }
  const ref = `refs/heads/${branch}`
  const refs = await listRemoteRefs(remote, { patterns: [ref], ...(signal && { signal }) })
  if (refs.get(ref) === following.base) return { request }
  // The merge of this very request moves the base, too.
  const after = await forge.changeRequests.read(owner, repository, id, signal)
  return after && after.state !== 'open' ? { end: after.state, request: after } : { end: 'base-moved', request }
}

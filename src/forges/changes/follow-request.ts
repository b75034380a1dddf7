import { type BackoffOptions, backoffDelay } from '../../base/backoff.ts'
import { systemClock } from '../../base/clock.ts'
import { SluiceError } from '../../base/errors/index.ts'
import { listRemoteRefs } from '../../git/index.ts'
import type { ChangeRequest } from '../change-request.ts'
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

const usual: BackoffOptions = { baseMs: 2000, maxMs: 30_000, factor: 1.5, jitter: 0.2 }
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
  const { forge, owner, repository, remote, branch, signal, clock = systemClock, poll = usual } = change
  let { head } = following
  for (let tries = 1; ; tries++) {
    const now = await forge.changeRequests.read(owner, repository, following.request.id, signal)
    if (!now) {
      throw new SluiceError('E_FORGE_REQUEST_CLOSED', {
        object: following.request.url,
        seen: 'the host has it no more',
      })
    }
    if (now.state !== 'open') return { end: now.state, request: now }
    if (now.headCommit !== undefined && !head.startsWith(now.headCommit)) {
      head = now.headCommit
      change.onReview?.({ type: 'request-changed', request: now })
    }
    const ref = `refs/heads/${branch}`
    const refs = await listRemoteRefs(remote, { patterns: [ref], ...(signal && { signal }) })
    if (refs.get(ref) !== following.base) {
      // The merge of this very request moves the base, too.
      const after = await forge.changeRequests.read(owner, repository, now.id, signal)
      if (after && after.state !== 'open') return { end: after.state, request: after }
      return { end: 'base-moved', request: now }
    }
    if (clock.monotonic() >= following.deadline)
      throw new SluiceError('E_FORGE_REQUEST_OPEN', { object: now.url, seen: `open: ${now.title}` })
    await clock.sleep(backoffDelay(tries, poll), signal)
  }
}

import { SluiceError } from '../../../base/errors/index.ts'
import { type GitObject, type GitRemote, listRemoteRefs, type Mirror, trackingRef } from '../../../git/index.ts'
import type { GitRepository } from '../../../specs/flux/git-repository.ts'
import { messageOf, StepFailure } from '../../failure.ts'
import { type FollowedRef, formatRevision } from '../ref.ts'
import { newestInRange } from '../semver/newest.ts'
import type { Snapshots } from '../snapshots.ts'
import { wasRewritten } from './rewritten.ts'

/** What a source stands at. */
export interface Fetch {
  readonly mirror: Mirror
  readonly commit: string
  readonly revision: string
  /** The git object id of the root tree. */
  readonly tree: string
  /** First line of the commit's message. */
  readonly subject: string
  /** Whether the commits before were thrown away by a force-push. */
  readonly rewritten: boolean
  /** The tag that was followed. */
  readonly tag: { readonly name: string; readonly object: GitObject } | undefined
}

/**
 * Brings the mirror up to date with the ref that the object follows. One exchange with the server also answers "nothing
 * new"; a failure leaves what is there as it was.
 */
export async function fetchSource(
  object: GitRepository,
  remote: GitRemote,
  followed: FollowedRef,
  snapshots: Snapshots,
  bounds: { readonly signal: AbortSignal; readonly timeoutMs: number },
): Promise<Fetch> {
  try {
    const mirror = await snapshots.mirror(object.spec.url)
    const ref = followed.kind === 'semver' ? await newestTag(remote, followed.range, bounds) : followed
    const commit =
      ref.kind === 'ref'
        ? (await mirror.fetch(remote, ref.ref, bounds)).commit
        : await fetchCommit(mirror, remote, ref, bounds)
    const found = await mirror.commit(commit)
    if (found === undefined) throw new Error(`commit ${commit} is not in what was fetched`)
    const label = ref.kind === 'ref' ? ref.label : ref.branch
    const revision = formatRevision(label, commit)
    const rewritten = await wasRewritten(mirror, object.status?.artifact?.revision, revision)
    const tag = ref.kind === 'ref' ? await tagAt(mirror, remote, ref.ref) : undefined
    return { mirror, commit, revision, tree: found.tree, subject: found.subject, rewritten, tag }
  } catch (error) {
    throw fetchFailure(error, bounds.signal)
  }
}

async function newestTag(
  remote: GitRemote,
  range: string,
  bounds: { readonly signal: AbortSignal; readonly timeoutMs: number },
): Promise<Extract<FollowedRef, { kind: 'ref' }>> {
  const refs = await listRemoteRefs(remote, { ...bounds, patterns: ['refs/tags/*'] })
  const names = [...refs.keys()].filter(name => name.startsWith('refs/tags/') && !name.endsWith('^{}'))
  const newest = newestInRange(
    names.map(name => name.slice(10)),
    range,
  )
  if ('problem' in newest) {
    const problem = `failed to checkout and determine revision: ${newest.problem}`
    throw new StepFailure('GitOperationFailed', problem)
  }
  return { kind: 'ref', ref: `refs/tags/${newest.name}`, label: newest.name }
}

/**
 * A pinned commit. The mirror is shared by all who follow the URL, so it is not asked before the server has taken our
 * credentials: who may not read the repository gets nothing out of it.
 */
async function fetchCommit(
  mirror: Mirror,
  remote: GitRemote,
  ref: Extract<FollowedRef, { kind: 'commit' }>,
  bounds: { readonly signal: AbortSignal; readonly timeoutMs: number },
): Promise<string> {
  if ((await mirror.commit(ref.commit)) !== undefined) {
    const seen = await listRemoteRefs(remote, { ...bounds, patterns: ['HEAD', 'refs/heads/*'] })
    if (seen.size > 0) return ref.commit
  }
  const branch = `refs/heads/${ref.branch || 'master'}`
  const fetched = await mirror.fetch(remote, ref.branch ? branch : ref.commit, { ...bounds, commit: ref.commit })
  // A server that does not give out the commit gives the branch instead: never build that in its place.
  if (fetched.commit !== ref.commit) {
    throw new StepFailure('GitOperationFailed', `commit ${ref.commit} is not in the repository`)
  }
  return fetched.commit
}

async function tagAt(mirror: Mirror, remote: GitRemote, ref: string): Promise<Fetch['tag']> {
  if (!ref.startsWith('refs/tags/')) return undefined
  const object = await mirror.raw(trackingRef(remote, ref))
  return object === undefined ? undefined : { name: ref.slice(10), object }
}

/** A failure of git as the reason and message that Flux gives it. */
export function fetchFailure(error: unknown, signal: AbortSignal): unknown {
  if (error instanceof StepFailure) return error
  if (signal.aborted && !isTimeout(signal.reason)) return signal.reason
  const code = error instanceof SluiceError ? error.code : undefined
  const message = `failed to checkout and determine revision: ${messageOf(error)}`
  const next = error instanceof SluiceError ? `. ${error.next}` : ''
  if (code === 'E_GIT_AUTHENTICATION' || code === 'E_GIT_FORBIDDEN') {
    return new StepFailure('AuthenticationFailed', message + next, { cause: error, transient: true })
  }
  if (code === 'E_GIT_URL_INVALID') return new StepFailure('URLInvalid', message, { cause: error, stalled: true })
  const reason = code === 'E_GIT_EMPTY_REPOSITORY' ? 'EmptyGitRepository' : 'GitOperationFailed'
  return new StepFailure(reason, message + next, { cause: error, transient: true })
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === 'TimeoutError'
}

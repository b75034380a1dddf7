import { type BackoffOptions, backoffDelay } from '../base/backoff.ts'
import { type Clock, systemClock } from '../base/clock.ts'
import { SluiceError } from '../base/errors/index.ts'
import { type FileTree, memoryTree } from '../base/file-tree.ts'
import { applyChanges } from './apply-changes.ts'
import { KeyedQueue } from './keyed-queue.ts'
import { remoteDefaultBranch } from './list-refs.ts'
import type { Mirror } from './mirror.ts'
import { commitObject, storeObjects } from './objects.ts'
import { pushCommit } from './push.ts'
import { checkBranchName } from './ref-name.ts'
import { type CommitSigner, signedCommit } from './signing.ts'
import type { CommitAuthor, FileChange, GitRemote } from './types.ts'

/** Computes the change from the branch as it is; called again on the new tip when somebody else pushed first. */
export type Edit = (tree: FileTree, tip: string | undefined) => readonly FileChange[] | Promise<readonly FileChange[]>

/** One change of a branch. */
export interface CommitRequest {
  /** The local copy that the commit is made in. */
  readonly mirror: Mirror
  readonly remote: GitRemote
  /** Short name of the branch. It is made from the default branch when there is none. */
  readonly branch: string
  /** The change, as a function of the branch's files; it must not have effects of its own. */
  readonly edit: Edit
  /** The commit message, or how to word it for the paths that changed. */
  readonly message: string | ((paths: readonly string[]) => string)
  readonly author: CommitAuthor
  /** The author when absent. */
  readonly committer?: CommitAuthor
  /** Signs the commit; it stays unsigned when absent. */
  readonly signer?: CommitSigner | undefined
  /** The branch that a missing branch starts from; the remote's default branch when absent. */
  readonly base?: string
  readonly signal?: AbortSignal
  /** Tries before E_GIT_PUSH_CONFLICT; 30 when absent. */
  readonly maxTries?: number
  /** The system's when absent. */
  readonly clock?: Clock
}

/** What became of a change. */
export interface CommitResult {
  /** The branch's commit now; undefined when the repository is empty and there was nothing to write. */
  readonly commit: string | undefined
  /** False when the branch had the content already: then no commit was made. */
  readonly pushed: boolean
  /** The paths that the commit changes, sorted. */
  readonly paths: readonly string[]
  /** How often the change was computed and pushed. */
  readonly tries: number
}

const queue = new KeyedQueue()
/** From nothing to twice the wait: writers that meet must spread, for one of them wins each time. */
const backoff: BackoffOptions = { baseMs: 50, maxMs: 3000, jitter: 1 }

/**
 * Makes one commit on a branch and pushes it, never by force. The first try starts from the tip that the mirror saw
 * last: the server refuses it when the branch has moved, and then the edit runs again on the new tip. Changes of one
 * branch by this process come one after another. Fails with E_GIT_…, and with what `edit` throws.
 */
export function commitFiles(request: CommitRequest): Promise<CommitResult> {
  checkBranchName(request.branch)
  return inTurn(request.remote, request.branch, () => commitInTurn(request), request.signal)
}

/** Runs work that writes to a branch when everything that this process queued for the branch before has ended. */
export function inTurn<T>(remote: GitRemote, branch: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  return queue.run(`${remote.url}\n${branch}`, work, signal)
}

/** The same for changes that do not depend on what is there. */
export function writeFiles(
  request: Omit<CommitRequest, 'edit'> & { readonly changes: readonly FileChange[] },
): Promise<CommitResult> {
  return commitFiles({ ...request, edit: () => request.changes })
}

/** Where a try starts. */
interface Start {
  /** The commit to build on; undefined in an empty repository. */
  readonly tip: string | undefined
  /** Whether the branch itself is there (else `tip` is the tip of the base branch). */
  readonly exists: boolean
  /** Whether the server was asked in this try. */
  readonly fresh: boolean
}

async function commitInTurn(request: CommitRequest): Promise<CommitResult> {
  const { mirror, remote, branch, signal, clock = systemClock, maxTries = 30 } = request
  const ref = `refs/heads/${branch}`
  const known = mirror.knownTip(remote, ref)
  let start: Start = known === undefined ? await ask(request) : { tip: known, exists: true, fresh: false }
  for (let tries = 1; ; tries++) {
    const built = await buildCommit(request, start.tip).catch(async (error: unknown) => {
      // An edit that fails on an old tip deserves a look at the new one.
      if (start.fresh || isFileError(error)) throw error
      return undefined
    })
    if ((built === undefined || built.commit === undefined) && !start.fresh) {
      const now = await ask(request)
      const moved = now.tip !== start.tip || now.exists !== start.exists
      start = now
      if (built === undefined || moved) continue
    }
    if (built?.commit === undefined) {
      // Nothing to write; a branch that was asked for is still made.
      if (start.tip !== undefined && !start.exists) await pushCommit(mirror, remote, ref, start.tip, undefined, signal)
      return { commit: start.tip, pushed: start.tip !== undefined && !start.exists, paths: [], tries }
    }
    try {
      const outcome = await pushCommit(mirror, remote, ref, built.commit, start.exists ? start.tip : undefined, signal)
      mirror.noteTip(remote, ref, built.commit)
      if (outcome === 'moved') return { commit: built.commit, pushed: true, paths: built.paths, tries }
      // Somebody else made this very commit: our edit comes after it.
      if (tries >= maxTries) throw new SluiceError('E_GIT_PUSH_CONFLICT', { object: `${remote.url} ${ref}` })
      start = { tip: built.commit, exists: true, fresh: true }
    } catch (error) {
      if (!(error instanceof SluiceError) || error.code !== 'E_GIT_PUSH_CONFLICT' || tries >= maxTries) throw error
      if (tries > 1) await clock.sleep(backoffDelay(tries - 1, backoff), signal)
      start = await ask(request)
    }
  }
}

function isFileError(error: unknown): boolean {
  return error instanceof SluiceError && (error.code === 'E_GIT_DISK_FULL' || error.code === 'E_FILE_WRITE')
}

/** A commit that was made and not yet pushed; without an id when the edit changes nothing. */
export interface BuiltCommit {
  readonly commit: string | undefined
  /** Sorted. */
  readonly paths: readonly string[]
}

/** Runs the edit on a commit (undefined: on nothing) and makes the commit that comes after it, in the local copy only. */
export async function buildCommit(
  request: Pick<CommitRequest, 'mirror' | 'edit' | 'message' | 'author' | 'committer' | 'signer' | 'clock' | 'signal'>,
  tip: string | undefined,
): Promise<BuiltCommit> {
  const { mirror, author, committer = author, clock = systemClock } = request
  const changes = await request.edit(tip === undefined ? memoryTree({}) : mirror.tree(tip), tip)
  const base = tip === undefined ? undefined : await mirror.commit(tip)
  const applied = await applyChanges(mirror, base?.tree, changes)
  if (applied.paths.length === 0 || applied.tree === base?.tree) return { commit: undefined, paths: [] }
  const message = typeof request.message === 'string' ? request.message : request.message(applied.paths)
  const parents = tip === undefined ? [] : [tip]
  const plain = commitObject({ tree: applied.tree, parents, author, committer, date: clock.now(), message })
  const commit = request.signer ? signedCommit(plain, await request.signer(plain.bytes, request.signal)) : plain
  await storeObjects(mirror.dir, [...applied.objects, commit])
  return { commit: commit.id, paths: applied.paths }
}

/** Asks the server where the branch is; falls back to the base branch, then to nothing. */
async function ask(request: CommitRequest): Promise<Start> {
  const { mirror, remote, branch, signal } = request
  const options = signal ? { signal } : {}
  try {
    const { commit } = await mirror.fetch(remote, `refs/heads/${branch}`, options)
    return { tip: commit, exists: true, fresh: true }
  } catch (error) {
    const code = error instanceof SluiceError ? error.code : undefined
    if (code === 'E_GIT_EMPTY_REPOSITORY') return { tip: undefined, exists: false, fresh: true }
    if (code !== 'E_GIT_REF_NOT_FOUND') throw error
    const base = request.base ?? (await remoteDefaultBranch(remote, options))
    if (base === undefined || base === branch) throw error
    const { commit } = await mirror.fetch(remote, `refs/heads/${base}`, options)
    return { tip: commit, exists: false, fresh: true }
  }
}

import { backoffDelay } from '../../base/backoff.ts'
import { systemClock } from '../../base/clock.ts'
import { SluiceError } from '../../base/errors/index.ts'
import { buildCommit, inTurn, pushCommit } from '../../git/index.ts'
import { changeTrailer, requestBranch } from './request-text.ts'
import type { Change, ChangeText } from './types.ts'

/** How the branch of a request stands to its base. */
export interface RequestCommit {
  /** The base when it was looked at. */
  readonly base: string
  /** Tip of the request's branch; undefined when the base has the change, so that there is nothing to ask for. */
  readonly head: string | undefined
  /** The paths that the change is about. */
  readonly paths: readonly string[]
  /** The commit's message, without what is added for a request. */
  readonly message: string
  readonly text: ChangeText
  /** `made`: pushed now; `kept`: an earlier run made it; `theirs`: somebody else pushed on top, which is left alone. */
  readonly state: 'made' | 'kept' | 'theirs' | 'none'
  /** Whether the branch was there before. */
  readonly existed: boolean
}

const maxTries = 6

/**
 * Brings the branch of a request to one commit on top of the base, or says that the base has the change already. A
 * commit of ours that no longer fits the base is made anew; what others pushed to the branch is never touched. `isOpen`:
 * whether a request for the branch is open.
 */
export function bringRequestBranch(change: Change, isOpen: boolean): Promise<RequestCommit> {
  const branch = requestBranch(change.branch, change.key)
  return inTurn(change.remote, branch, () => bring(change, branch, isOpen), change.signal)
}

async function bring(change: Change, branch: string, isOpen: boolean): Promise<RequestCommit> {
  const { mirror, remote, signal, clock = systemClock } = change
  for (let tries = 1; ; tries++) {
    const options = signal ? { signal } : {}
    const { commit: base } = await mirror.fetch(remote, `refs/heads/${change.branch}`, options)
    let message = ''
    const build = (tip: string) =>
      buildCommit(
        {
          ...change,
          message: paths => {
            message = typeof change.message === 'string' ? change.message : change.message(paths)
            return `${message.trimEnd()}\n\n${changeTrailer}: ${branch}\n`
          },
        },
        tip,
      )
    const wanted = await build(base)
    const common = { base, paths: wanted.paths, message, text: change.describe() }
    if (wanted.commit === undefined) return { ...common, head: undefined, state: 'none', existed: false }
    const tip = await tipOf(change, branch)
    if (tip !== undefined) {
      const state = await judge(change, branch, tip, base, isOpen)
      if (state !== 'stale') return { ...common, head: tip, state, existed: true }
    }
    try {
      await pushCommit(mirror, remote, `refs/heads/${branch}`, wanted.commit, tip, signal)
      mirror.noteTip(remote, `refs/heads/${branch}`, wanted.commit)
      return { ...common, head: wanted.commit, state: 'made', existed: tip !== undefined }
    } catch (error) {
      // Another run of the same command made the branch at the same time: look at what it made.
      if (!(error instanceof SluiceError) || error.code !== 'E_GIT_PUSH_CONFLICT' || tries >= maxTries) throw error
      await clock.sleep(backoffDelay(tries, { baseMs: 100, maxMs: 2000, jitter: 0.5 }), signal)
    }
  }
}

async function tipOf({ mirror, remote, signal }: Change, branch: string): Promise<string | undefined> {
  try {
    // Two commits: the change and what it was made on.
    return (await mirror.fetch(remote, `refs/heads/${branch}`, { depth: 2, ...(signal && { signal }) })).commit
  } catch (error) {
    if (error instanceof SluiceError && error.code === 'E_GIT_REF_NOT_FOUND') return undefined
    throw error
  }
}

/** `stale` when a commit of ours no longer says what the change says on the base as it is now. */
async function judge(
  change: Change,
  branch: string,
  tip: string,
  base: string,
  isOpen: boolean,
): Promise<'kept' | 'theirs' | 'stale'> {
  const { mirror } = change
  const found = await mirror.commit(tip)
  const ours = found?.body.split('\n').includes(`${changeTrailer}: ${branch}`)
  const [parent] = found?.parents ?? []
  if (!ours || parent === undefined || found?.parents.length !== 1) return 'theirs'
  // A branch whose request was merged or closed may be part of the base by now.
  if (parent !== base && (!isOpen || (await mirror.commit(parent)) === undefined)) return 'stale'
  for (const { path } of await mirror.diff(parent, tip)) {
    const [before, now] = await Promise.all([mirror.entryAt(parent, path), mirror.entryAt(base, path)])
    if (before?.id !== now?.id || before?.mode !== now?.mode) return 'stale'
  }
  // What the change says now on top of what it said then: nothing more, when it is the same.
  const again = await buildCommit({ ...change, message: 'x' }, tip).catch((error: unknown) => {
    if (error instanceof SluiceError) return undefined
    throw error
  })
  return again?.commit === undefined && again !== undefined ? 'kept' : 'stale'
}

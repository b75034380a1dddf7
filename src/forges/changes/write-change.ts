import { backoffDelay } from '../../base/backoff.ts'
import { systemClock } from '../../base/clock.ts'
import { SluiceError } from '../../base/errors/index.ts'
import { buildCommit, commitFiles, listRemoteRefs, removeBranch, wantsSignature } from '../../git/index.ts'
import type { ChangeRequest } from '../change-request.ts'
import { followRequest, reviewDeadline } from './follow-request.ts'
import { bringRequestBranch, type RequestCommit } from './request-commit.ts'
import { requestBody, requestBranch, requestTitle } from './request-text.ts'
import { reviewWanted } from './review-wanted.ts'
import type { Change, ChangeResult } from './types.ts'

/** A host may tell of a merge a moment before git does: how long that is waited for, and how often a moved base is looked at. */
const landMs = 60_000
const landTries = 4

/**
 * Brings one change to a branch: by a push, or, where the branch takes none, by a pull or merge request, which is
 * followed until it is merged. A run that was ended anywhere is taken up by the next one: what is asked for is found by
 * the name of its branch, and whether the change has arrived is seen from the files, so that squashed and rebased merges
 * count too. Fails with E_FORGE_REQUEST_…, E_FORGE_…, E_TOKEN_…, E_GIT_…, and with what `edit` throws.
 */
export async function writeChange(change: Change): Promise<ChangeResult> {
  const { forge, mode, signal } = change
  // The first look at the branch and the look at its rules need not wait for each other.
  const looked = change.mirror.fetch(change.remote, `refs/heads/${change.branch}`, { ...(signal && { signal }) })
  const [why] = await Promise.all([reviewWanted(change, mode), looked.catch(() => undefined)])
  if (why !== undefined) return throughRequest(change, why)
  try {
    const { commit, pushed, paths } = await commitFiles(change)
    return { commit, pushed, paths, request: undefined }
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code !== 'E_GIT_BRANCH_PROTECTED') throw error
    // A request with unsigned commits would never be merged.
    if (wantsSignature(error.facts.seen ?? '')) throw error
    if (mode === 'auto') return throughRequest(change, error.facts.seen ?? 'the host refused the push')
    const noun = forge.capabilities.changeRequests
    const next =
      noun === 'none' ? undefined : `Run it with --pull-request=auto: then Sluice opens a ${noun} and waits for it.`
    throw new SluiceError(error.code, { ...error.facts, ...(next !== undefined && { next }) })
  }
}

async function throughRequest(change: Change, why: string): Promise<ChangeResult> {
  const deadline = reviewDeadline(change)
  let request: ChangeRequest | undefined
  let paths: readonly string[] = []
  for (;;) {
    const open = request ?? (await findOpen(change))
    const branch = await bring(change, open !== undefined, why)
    // A base that has the change by now tells no paths.
    if (branch.paths.length > 0) paths = branch.paths
    if (branch.head === undefined) return await settled(change, { ...branch, paths }, request)
    request = await announce(change, branch, open, request === undefined, why)
    const followed = await followRequest(change, { request, head: branch.head, base: branch.base, deadline })
    request = followed.request
    if (followed.end === 'base-moved') continue
    const landed = await landing(change, followed.end === 'merged' ? branch.base : undefined)
    if (landed) return await arrived(change, landed, paths, request)
    throw new SluiceError(followed.end === 'merged' ? 'E_FORGE_REQUEST_ALTERED' : 'E_FORGE_REQUEST_CLOSED', {
      object: request.url,
      seen: followed.end === 'merged' ? `${paths.join(', ')} not as asked for` : `closed: ${request.title}`,
    })
  }
}

async function bring(change: Change, isOpen: boolean, why: string): Promise<RequestCommit> {
  try {
    return await bringRequestBranch(change, isOpen)
  } catch (error) {
    const code = error instanceof SluiceError ? error.code : undefined
    if (code !== 'E_GIT_EMPTY_REPOSITORY' && code !== 'E_GIT_REF_NOT_FOUND') throw error
    // Nothing to compare with: rules often let the first commit of a branch pass.
    const made = await commitFiles(change).catch((refused: unknown) => {
      if (!(refused instanceof SluiceError) || refused.code !== 'E_GIT_BRANCH_PROTECTED') throw refused
      throw new SluiceError('E_FORGE_REQUEST_NO_BASE', {
        object: `branch ${change.branch} of ${change.owner}/${change.repository}`,
        seen: refused.facts.seen ?? why,
      })
    })
    return {
      base: made.commit ?? '',
      head: undefined,
      paths: made.paths,
      message: '',
      text: change.describe(),
      state: made.pushed ? 'made' : 'none',
      existed: false,
    }
  }
}

/** Opens the request of a branch, or tells of the one that is open. */
async function announce(
  change: Change,
  branch: RequestCommit,
  open: ChangeRequest | undefined,
  isFirst: boolean,
  why: string,
): Promise<ChangeRequest> {
  const { forge, owner, repository, signal } = change
  const head = requestBranch(change.branch, change.key)
  if (open) {
    if (isFirst) change.onReview?.({ type: 'request-open', request: open, found: true, why })
    if (branch.state === 'made')
      change.onReview?.({ type: 'request-rebased', request: open, commit: branch.head ?? '' })
    return open
  }
  if (forge.capabilities.changeRequests === 'none') {
    throw new SluiceError('E_FORGE_REQUEST_BY_HAND', {
      object: `branch ${change.branch} at ${change.remote.url}`,
      seen: why,
      next: `Merge ${head} into ${change.branch} by hand, then run the same command again: it goes on from there.`,
      details: { branch: head, base: change.branch },
    })
  }
  const parts = { paths: branch.paths, base: change.branch, author: change.author }
  const request = await forge.changeRequests.open(
    owner,
    repository,
    {
      head,
      base: change.branch,
      title: requestTitle(branch.message),
      body: requestBody(branch.text, parts, forge.changeRequests.maxBody),
    },
    signal,
  )
  change.onReview?.({ type: 'request-open', request, found: false, why })
  return request
}

async function findOpen(change: Change): Promise<ChangeRequest | undefined> {
  const branches = { head: requestBranch(change.branch, change.key), base: change.branch }
  const found = await change.forge.changeRequests.find(change.owner, change.repository, branches, change.signal)
  return found.find(({ state }) => state === 'open')
}

/**
 * The base's commit once it holds the change; undefined when it does not come to. `before`: where the base was before
 * the merge, which git may show a little later than the host tells of it; without it nothing is waited for.
 */
async function landing(change: Change, before: string | undefined): Promise<string | undefined> {
  const { mirror, remote, branch, signal, clock = systemClock } = change
  const until = clock.monotonic() + landMs
  for (let tries = 1, moved = 0; ; tries++) {
    const { commit } = await mirror.fetch(remote, `refs/heads/${branch}`, { ...(signal && { signal }) })
    if (commit !== before) moved++
    const isLast = before === undefined || moved >= landTries || clock.monotonic() > until
    const left = await buildCommit({ ...change, message: 'x' }, commit).catch((error: unknown) => {
      // An edit may refuse what it finds; that counts only when the merge has had time to show.
      if (error instanceof SluiceError && !isLast) return undefined
      throw error
    })
    if (left && left.commit === undefined) return commit
    if (isLast) return undefined
    await clock.sleep(backoffDelay(tries, { baseMs: 100, maxMs: 3000 }), signal)
  }
}

/** The branch has the change although no request of this run was merged: by an earlier run, or by somebody's push. */
async function settled(
  change: Change,
  branch: RequestCommit,
  request: ChangeRequest | undefined,
): Promise<ChangeResult> {
  const { forge, owner, repository, signal } = change
  const { base, paths, state } = branch
  const now = request
    ? ((await forge.changeRequests.read(owner, repository, request.id, signal)) ?? request)
    : await leftOver(change)
  if (!now) return { commit: base === '' ? undefined : base, pushed: state === 'made', paths, request: undefined }
  // Nothing is left to review in a request whose change came another way.
  if (now.state === 'open') await forge.changeRequests.close(owner, repository, now.id, signal)
  return await arrived(change, base, paths, now)
}

/** The request of an earlier run that was ended while it waited: its branch is still there. */
async function leftOver(change: Change): Promise<ChangeRequest | undefined> {
  const { forge, owner, repository, remote, branch, key, signal } = change
  const head = requestBranch(branch, key)
  const ref = `refs/heads/${head}`
  const refs = await listRemoteRefs(remote, { patterns: [ref], ...(signal && { signal }) })
  if (!refs.has(ref)) return undefined
  const [last] = await forge.changeRequests.find(owner, repository, { head, base: branch }, signal)
  return last?.state === 'closed' ? undefined : last
}

async function arrived(
  change: Change,
  commit: string,
  paths: readonly string[],
  request: ChangeRequest,
): Promise<ChangeResult> {
  change.onReview?.({ type: 'request-merged', request, commit })
  await sweepBranch(change, request)
  return { commit, pushed: true, paths, request }
}

/** Removes the branch of a request that was merged, unless somebody has pushed to it since. */
async function sweepBranch(change: Change, request: ChangeRequest): Promise<void> {
  const { mirror, remote, signal } = change
  const { head } = request
  try {
    const ref = `refs/heads/${head}`
    const tip = (await listRemoteRefs(remote, { patterns: [ref], ...(signal && { signal }) })).get(ref)
    const isKnown = tip !== undefined && (request.headCommit === undefined || tip.startsWith(request.headCommit))
    if (isKnown) await removeBranch(mirror, remote, head, tip, signal)
  } catch (error) {
    signal?.throwIfAborted()
    const why = error instanceof Error ? error.message : String(error)
    change.onReview?.({ type: 'branch-left', branch: head, why })
  }
}

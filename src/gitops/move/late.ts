import { SluiceError } from '../../base/errors/index.ts'
import { isAncestor } from '../../git/index.ts'
import { syncFileOf } from './content.ts'
import { fetchBranch } from './fetch.ts'
import { foundIn } from './found.ts'
import { plainPath } from './place.ts'
import type { MoveContext, MoveState } from './types.ts'
import { movedFromLine, readMovedFrom, trailer } from './write.ts'

/** What was pushed to the old branch after it was copied, and is not at the new place. */
export interface LateChanges {
  readonly branch: string
  readonly url: string
  /** Newest first. */
  readonly commits: readonly { readonly sha: string; readonly subject: string }[]
  /** At the old place. */
  readonly paths: readonly string[]
}

/** The copy is among the last commits of the new branch. */
const lookBack = 100
/** Named in the old repository by a move itself. */
const noteFile = 'MOVED.md'

/**
 * What came to the old branch between the copy and the moment at which the cluster changed over. It is known by Git alone,
 * so that a run after a killed one finds it, too: the commit of the copy names the old place, and its parent is what was
 * copied. Files are compared, not commits: a request may have been squashed, or the change made at the new place by hand.
 */
export async function findLate(context: MoveContext, state: MoveState): Promise<LateChanges | undefined> {
  const { mirror, target, old, signal } = context
  const { to, sync } = foundIn(state)
  const fetchFull = async (remote: typeof target.remote, branch: string) =>
    (await fetchBranch(mirror, remote, branch, signal)).commit
  const now = await fetchFull(target.remote, to.branch)
  const copy = (await mirror.log(now, { limit: lookBack, signal })).find(one => one.body.includes(movedFromLine))
  const before = copy && readMovedFrom(copy.body)
  const [carried] = copy?.parents ?? []
  const repository = [old, target].find(one => one?.remote.url === before?.url)
  if (!before || carried === undefined || !repository) return undefined
  const tip = await fetchFull(repository.remote, before.branch).catch((error: unknown) => {
    signal.throwIfAborted()
    // A branch that is gone takes no commits any more.
    if (!(error instanceof SluiceError)) throw error
    return undefined
  })
  if (tip === undefined || tip === carried) return undefined
  const own = [syncFileOf(before.path, sync.namespace), noteFile]
  const [was, is] = [mirror.tree(tip), mirror.tree(now)]
  const paths: string[] = []
  for (const { path } of await mirror.diff(carried, tip)) {
    if (own.includes(path)) continue
    const there = movedPath(path, before.path, to.path)
    if (!isSame(await was.read(path), await is.read(there))) paths.push(path)
  }
  if (paths.length === 0) return undefined
  const commits: { sha: string; subject: string }[] = []
  for (const commit of await mirror.log(tip, { limit: lookBack, signal })) {
    if (await isAncestor(mirror, commit.sha, carried, signal)) continue
    if (!commit.body.includes(trailer)) commits.push(commit)
  }
  return { branch: before.branch, url: before.url, commits, paths }
}

function movedPath(path: string, from: string, to: string): string {
  const [old, now] = [plainPath(from), plainPath(to)]
  if (old === now || old === '' || !path.startsWith(`${old}/`)) return path
  return `${now}${path.slice(old.length)}`
}

/**
 * What was changed in a folder after it was copied to the new one, by the same branch, and is not there. The copy is the
 * last change of the old gotk-sync.yaml.
 */
export async function findLateEdits(
  { mirror, target, signal }: MoveContext,
  state: MoveState,
  tip: string,
  folder: string,
): Promise<LateChanges | undefined> {
  const { to, sync } = foundIn(state)
  const path = syncFileOf(folder, sync.namespace)
  const changed = await mirror.log(tip, { path, limit: lookBack, signal })
  const copy = changed.find(one => one.body.includes(trailer)) ?? changed[0]
  if (copy === undefined) return undefined
  const tree = mirror.tree(tip)
  const paths: string[] = []
  for (const change of await mirror.diff(copy.sha, tip, folder)) {
    const there = movedPath(change.path, folder, to.path)
    if (change.path !== path && !isSame(await tree.read(change.path), await tree.read(there))) paths.push(change.path)
  }
  if (paths.length === 0) return undefined
  const commits: { sha: string; subject: string }[] = []
  for (const commit of await mirror.log(tip, { path: folder, limit: lookBack, signal })) {
    if (commit.sha === copy.sha) break
    commits.push(commit)
  }
  return { branch: to.branch, url: target.remote.url, commits, paths }
}

function isSame(a: Buffer | undefined, b: Buffer | undefined): boolean {
  return a === undefined || b === undefined ? a === b : a.equals(b)
}

export function lateProblem({ branch, url, commits, paths }: LateChanges): SluiceError {
  const list = commits.map(({ sha, subject }) => `${sha.slice(0, 7)} (${subject})`)
  const picked = commits.map(({ sha }) => sha.slice(0, 12)).toReversed()
  return new SluiceError('E_GITOPS_LATE_COMMITS', {
    object: `branch ${branch} of ${url}`,
    expected: 'nothing after the commit that was copied',
    seen: `${some(list)}: ${some(paths)}`,
    next: `The cluster follows the new place, without them. Bring over there what shall hold: git cherry-pick ${picked.slice(0, 5).join(' ')}${picked.length > 5 ? ' …' : ''}`,
  })
}

function some(all: readonly string[]): string {
  return `${all.slice(0, 5).join(', ')}${all.length > 5 ? ` and ${all.length - 5} more` : ''}`
}

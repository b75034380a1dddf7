import type { Account } from './accounts.ts'
import type { ForgeContext } from './context.ts'
import { type MergeMethod, mergeBranches } from './merge-branches.ts'
import { type Pull, updatePull } from './pulls.ts'
import { repositoryFolder, type StoredRepository, updateRepository } from './repositories.ts'
import { moveRef } from './stored-refs.ts'

/** Why a request is not merged. */
export type MergeProblem = 'not mergeable' | 'head moved' | 'base moved'

/** What is merged, and how. */
export interface MergeOrder {
  readonly owner: Account
  readonly repository: StoredRepository
  readonly user: Account
  readonly pull: Pull
  readonly method: MergeMethod
  /** The tip that the branch must have; any when absent. */
  readonly expected?: string | undefined
  /** Message of the commit that merging or squashing makes. */
  readonly message: string
}

/** Merges an open request and tells the listeners of the push; gives the request as it is then. */
export async function mergePull(context: ForgeContext, order: MergeOrder): Promise<Pull | MergeProblem> {
  const { owner, repository, user, pull, method, expected, message } = order
  const git = context.opened.get(repository)
  const ref = `refs/heads/${pull.base}`
  const [head, base] = await Promise.all([git.resolve(`refs/heads/${pull.head}`), git.resolve(ref)])
  if (pull.state !== 'open' || head === undefined || base === undefined) return 'not mergeable'
  if (expected !== undefined && expected !== head) return 'head moved'
  const gitDir = repositoryFolder(context.dataDir, repository)
  const date = context.clock.now()
  const person = { name: user.name ?? user.login, email: user.email ?? `${user.login}@users.noreply.localhost` }
  const commit = await mergeBranches({ gitDir, base, head, method, person, date, message })
  if (commit === undefined) return 'not mergeable'
  if (!(await moveRef(gitDir, ref, base, commit))) return 'base moved'
  const stamp = date.toISOString()
  const merged = updatePull(
    context.store,
    pull,
    { state: 'closed', mergedAt: stamp, mergeCommit: commit, headCommit: head },
    date,
  )
  updateRepository(context.store, repository.id, { pushedAt: stamp }, date)
  context.announce({
    owner: owner.login,
    repo: repository.name,
    ref,
    before: base,
    after: commit,
    pusher: user.login,
  })
  return merged
}

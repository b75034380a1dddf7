import { join } from 'node:path'
import { runGit } from '../../../git/index.ts'
import { type MergeMethod, mergeBranches } from '../merge-branches.ts'
import type { StandInModel, StandInRepository } from './model.ts'

/** A pull request of a stand-in. */
export interface StandInPull {
  readonly number: number
  readonly title: string
  readonly body: string
  readonly head: string
  readonly base: string
  readonly author: string
  state: 'open' | 'merged' | 'closed'
  headCommit: string
  /** Goes up with every change, as Bitbucket Data Center counts. */
  version: number
}

/** Opens a pull request; the one that is open for the same branches comes back with `false`, undefined without the branches. */
export async function openPull(
  model: StandInModel,
  repository: StandInRepository,
  pull: Pick<StandInPull, 'title' | 'body' | 'head' | 'base' | 'author'>,
): Promise<readonly [StandInPull, boolean] | undefined> {
  const branches = await model.branches(repository)
  const headCommit = branches.get(pull.head)
  if (headCommit === undefined || !branches.has(pull.base)) return undefined
  const same = repository.pulls.find(
    other => other.state === 'open' && other.head === pull.head && other.base === pull.base,
  )
  if (same) return [same, false]
  const made: StandInPull = { ...pull, number: repository.pulls.length + 1, state: 'open', headCommit, version: 0 }
  repository.pulls.unshift(made)
  return [made, true]
}

/** The pull request of a number, with the tip that its branch has now. */
export async function pullOf(
  model: StandInModel,
  repository: StandInRepository,
  number: string | undefined,
): Promise<StandInPull | undefined> {
  const found = repository.pulls.find(pull => String(pull.number) === number)
  if (found?.state === 'open') found.headCommit = (await model.branches(repository)).get(found.head) ?? found.headCommit
  return found
}

/** Merges a pull request, as a person does on the host's page. */
export async function mergeStandInPull(
  model: StandInModel,
  repository: StandInRepository,
  number: number,
  method: MergeMethod,
): Promise<void> {
  const pull = await pullOf(model, repository, String(number))
  const base = pull && (await model.branches(repository)).get(pull.base)
  if (!pull || base === undefined) throw new Error(`no open pull request ${number}`)
  const gitDir = join(model.root, repository.folder)
  const commit = await mergeBranches({
    gitDir,
    base,
    head: pull.headCommit,
    method,
    person: { name: 'reviewer', email: 'reviewer@example.com' },
    date: new Date(),
    message: `Merge ${pull.title}`,
  })
  if (commit === undefined) throw new Error(`pull request ${number} conflicts`)
  await runGit(['update-ref', `refs/heads/${pull.base}`, commit, base], { gitDir })
  pull.state = 'merged'
}

/** Closes a pull request without merging it. */
export function closePull(pull: StandInPull): StandInPull {
  if (pull.state === 'open') pull.state = 'closed'
  pull.version++
  return pull
}

import { runGit } from '../../git/index.ts'
import { commitObject, storeObjects } from '../../git/objects.ts'
import type { CommitAuthor } from '../../git/types.ts'

/** How the branch of a request comes into its base, as the hosts offer it. */
export type MergeMethod = 'merge' | 'squash' | 'rebase'

/** What is merged into what; both are commits of one bare repository. */
export interface MergeParts {
  readonly gitDir: string
  readonly base: string
  readonly head: string
  readonly method: MergeMethod
  readonly person: CommitAuthor
  readonly date: Date
  /** Message of the merge commit, or of the one that squashing makes. */
  readonly message: string
}

/** Merges two commits without a working tree; gives the commit that the base moves to, or undefined when they conflict. */
export async function mergeBranches(parts: MergeParts): Promise<string | undefined> {
  const { gitDir, base, head, method } = parts
  if (method === 'rebase') return rebase(parts)
  const tree = await mergeTree(gitDir, base, head)
  return tree === undefined ? undefined : store(parts, tree, method === 'squash' ? [base] : [base, head], parts.message)
}

/** Each commit of the branch again, on the base; they get new ids, as on the hosts, also when nothing else changed. */
async function rebase(parts: MergeParts): Promise<string | undefined> {
  const { gitDir, base, head } = parts
  const list = await runGit(['rev-list', '--reverse', '--no-merges', `${base}..${head}`, '--'], { gitDir })
  let tip = base
  for (const commit of list.stdout.toString('utf8').split('\n').filter(Boolean)) {
    // The base with everything up to this commit is what the commit is after the ones before it.
    const tree = await mergeTree(gitDir, base, commit)
    if (tree === undefined) return undefined
    const said = await runGit(['log', '-1', '--format=%B', commit, '--'], { gitDir })
    tip = await store(parts, tree, [tip], said.stdout.toString('utf8'))
  }
  return tip
}

async function mergeTree(gitDir: string, base: string, head: string): Promise<string | undefined> {
  const merged = await runGit(['merge-tree', '--write-tree', '--no-messages', base, head], { gitDir })
  return merged.exitCode === 0 ? merged.stdout.toString('utf8').trim().slice(0, 40) : undefined
}

async function store(
  { gitDir, person, date }: MergeParts,
  tree: string,
  parents: readonly string[],
  message: string,
): Promise<string> {
  const commit = commitObject({ tree, parents, author: person, committer: person, date, message })
  await storeObjects(gitDir, [commit])
  return commit.id
}

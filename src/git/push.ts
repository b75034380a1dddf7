import { SluiceError } from '../base/errors/index.ts'
import { withConnection } from './connection.ts'
import { gitFailure } from './diagnose.ts'
import { listRemoteRefs } from './list-refs.ts'
import { runGit } from './process.ts'
import type { Repository } from './repository.ts'
import type { GitRemote } from './types.ts'

/**
 * Moves one ref from `expected` (undefined: the ref is not there) to one commit, or fails: the lease makes git compare
 * even where a fast-forward would do, so that commits that somebody took back on the server do not come back with ours.
 * The commit descends from `expected`; only the branch of a request that is ours alone is made anew. `already` means that
 * the ref had this very commit before: somebody else made the same change on the same tip in the same second. Fails with
 * E_GIT_PUSH_CONFLICT when the ref has moved on, E_GIT_BRANCH_PROTECTED or E_GIT_PUSH_REJECTED when a rule says no, and
 * the other E_GIT_….
 */
export async function pushCommit(
  repository: Repository,
  remote: GitRemote,
  ref: string,
  commit: string,
  expected: string | undefined,
  signal?: AbortSignal,
): Promise<'moved' | 'already'> {
  try {
    const said = await push(repository, remote, ref, `${commit}:${ref}`, expected ?? '', signal)
    return /^=\t/m.test(said) ? 'already' : 'moved'
  } catch (error) {
    // The push may have arrived, and only its answer was lost.
    if (!(error instanceof SluiceError) || !unanswered.has(error.code)) throw error
    const refs = await listRemoteRefs(remote, { patterns: [ref], ...(signal && { signal }) }).catch(() => undefined)
    if (refs?.get(ref) === commit) return 'moved'
    signal?.throwIfAborted()
    const next =
      refs === undefined
        ? 'Run it again when the host answers: a commit that arrived all the same is found, and not made twice.'
        : 'Run it again: nothing of it has arrived.'
    throw new SluiceError(error.code, { ...error.facts, next })
  }
}

const unanswered: ReadonlySet<string> = new Set(['E_GIT_TRANSFER_BROKEN', 'E_GIT_SERVER_ERROR', 'E_GIT_UNREACHABLE'])

/** Removes a branch that points to `expected`. Fails with E_GIT_PUSH_CONFLICT when it points elsewhere or is gone. */
export async function removeBranch(
  repository: Repository,
  remote: GitRemote,
  branch: string,
  expected: string,
  signal?: AbortSignal,
): Promise<void> {
  const ref = `refs/heads/${branch}`
  await push(repository, remote, ref, `:${ref}`, expected, signal)
}

function push(
  repository: Repository,
  remote: GitRemote,
  ref: string,
  refspec: string,
  lease: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  return withConnection(remote, async ({ url, ...environment }) => {
    const args = [
      'push',
      '--porcelain',
      '--no-verify',
      '--no-follow-tags',
      '--recurse-submodules=no',
      '--no-signed',
      `--force-with-lease=${ref}:${lease}`,
    ]
    const result = await runGit([...args, '--', url.href, refspec], {
      ...environment,
      gitDir: repository.dir,
      ...(signal && { signal }),
    })
    if (result.exitCode !== 0) throw gitFailure(result, `${url.href} ${ref}`)
    return result.stdout.toString('utf8')
  })
}

import { withConnection } from './connection.ts'
import { gitFailure } from './diagnose.ts'
import { runGit } from './process.ts'
import type { Repository } from './repository.ts'
import type { GitRemote } from './types.ts'

/**
 * Moves one ref from `expected` (undefined: the ref is not there) to one commit that descends from it, or fails: the lease
 * makes git compare even where a fast-forward would do, so that commits that somebody took back on the server do not
 * come back with ours. History is never rewritten. `already` means that the ref had this very commit
 * before: somebody else made the same change on the same tip in the same second. Fails with E_GIT_PUSH_CONFLICT when the
 * ref has moved on, E_GIT_BRANCH_PROTECTED or E_GIT_PUSH_REJECTED when a rule says no, and the other E_GIT_….
 */
export async function pushCommit(
  repository: Repository,
  remote: GitRemote,
  ref: string,
  commit: string,
  expected: string | undefined,
  signal?: AbortSignal,
): Promise<'moved' | 'already'> {
  return withConnection(remote, async ({ url, ...environment }) => {
    const args = [
      'push',
      '--porcelain',
      '--no-verify',
      '--no-follow-tags',
      '--recurse-submodules=no',
      '--no-signed',
      `--force-with-lease=${ref}:${expected ?? ''}`,
    ]
    const result = await runGit([...args, '--', url.href, `${commit}:${ref}`], {
      ...environment,
      gitDir: repository.dir,
      ...(signal && { signal }),
    })
    if (result.exitCode !== 0) throw gitFailure(result, `${url.href} ${ref}`)
    return /^=\t/m.test(result.stdout.toString('utf8')) ? 'already' : 'moved'
  })
}

import { withConnection } from './connection.ts'
import { gitFailure } from './diagnose.ts'
import { runGit } from './process.ts'
import type { Repository } from './repository.ts'
import type { GitRemote } from './types.ts'

/**
 * Pushes one commit to one ref by an explicit refspec, never by force. Fails with E_GIT_PUSH_CONFLICT when the ref has
 * moved on, E_GIT_BRANCH_PROTECTED or E_GIT_PUSH_REJECTED when a rule says no, and the other E_GIT_….
 */
export async function pushCommit(
  repository: Repository,
  remote: GitRemote,
  ref: string,
  commit: string,
  signal?: AbortSignal,
): Promise<void> {
  await withConnection(remote, async ({ url, ...environment }) => {
    const args = ['push', '--porcelain', '--no-verify', '--no-follow-tags', '--recurse-submodules=no', '--no-signed']
    const result = await runGit([...args, '--', url.href, `${commit}:${ref}`], {
      ...environment,
      gitDir: repository.dir,
      ...(signal && { signal }),
    })
    if (result.exitCode !== 0) throw gitFailure(result, `${url.href} ${ref}`)
  })
}

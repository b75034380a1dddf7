import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { withConnection } from '../git/connection.ts'
import { gitFailure } from '../git/diagnose.ts'
import { runGit } from '../git/index.ts'
import { commitObject, storeObjects, treeObject } from '../git/objects.ts'
import { makeScratch } from '../git/scratch.ts'
import type { GitRemote } from '../git/types.ts'

/** A branch that nobody has; a dry run never makes it. */
const imagined = 'refs/heads/sluice-dry-run-never-made'
const nobody = { name: 'sluice', email: 'sluice@localhost' }
const timeoutMs = 60_000

/**
 * Asks a server's git-receive-pack for its refs, as the start of every push does (`git push --dry-run`), and sends nothing.
 * Servers look at the right to write before they answer. Fails with E_GIT_FORBIDDEN, E_GIT_AUTHENTICATION and the others
 * of git.
 */
export async function askReceivePack(remote: GitRemote, signal?: AbortSignal): Promise<void> {
  const scratch = await makeScratch()
  try {
    const gitDir = join(scratch, 'dry-run.git')
    for (const folder of ['objects', 'refs/heads']) await mkdir(join(gitDir, folder), { recursive: true })
    await writeFile(join(gitDir, 'HEAD'), 'ref: refs/heads/main\n')
    const tree = treeObject([])
    const message = 'a commit that is never sent'
    const commit = commitObject({
      tree: tree.id,
      parents: [],
      author: nobody,
      committer: nobody,
      date: new Date(0),
      message,
    })
    await storeObjects(gitDir, [tree, commit])
    await withConnection(remote, async ({ url, ...environment }) => {
      const args = ['push', '--dry-run', '--porcelain', '--no-verify', '--recurse-submodules=no']
      const result = await runGit([...args, '--', url.href, `${commit.id}:${imagined}`], {
        ...environment,
        gitDir,
        timeoutMs,
        ...(signal && { signal }),
      })
      if (result.exitCode !== 0) throw gitFailure(result, url.href)
    })
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

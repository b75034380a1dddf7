import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { withConnection } from '../../git/connection.ts'
import { gitFailure } from '../../git/diagnose.ts'
import { runGit } from '../../git/index.ts'
import { commitObject, newObject, storeObjects, treeObject } from '../../git/objects.ts'
import { makeScratch } from '../../git/scratch.ts'
import type { GitRemote } from '../../git/types.ts'

/** The one file of a probe's commit. */
export const probeFile = '.sluice-probe'
const nobody = { name: 'sluice', email: 'sluice@localhost' }
const timeoutMs = 60_000

/** A bare repository of our own for a few seconds: what a probe pushes comes from it, and what it reads back goes there. */
export class ScratchRepository {
  readonly dir: string
  readonly #remote: GitRemote

  private constructor(dir: string, remote: GitRemote) {
    this.dir = dir
    this.#remote = remote
  }

  static async open(remote: GitRemote): Promise<ScratchRepository> {
    const dir = join(await makeScratch(), 'probe.git')
    for (const folder of ['objects', 'refs/heads']) await mkdir(join(dir, folder), { recursive: true })
    await writeFile(join(dir, 'HEAD'), 'ref: refs/heads/main\n')
    return new ScratchRepository(dir, remote)
  }

  /** A commit without parents that has one file; its id. */
  async commit(text: string, date: Date): Promise<string> {
    const blob = newObject('blob', Buffer.from(text))
    const tree = treeObject([{ name: probeFile, mode: '100644', id: blob.id }])
    const parts = { tree: tree.id, parents: [], author: nobody, committer: nobody, date, message: 'sluice probe' }
    const commit = commitObject(parts)
    await storeObjects(this.dir, [blob, tree, commit])
    return commit.id
  }

  /** Makes a branch on the server. Fails with E_GIT_… */
  push(commit: string, branch: string, signal?: AbortSignal): Promise<void> {
    return this.#git(['push', '--porcelain', '--no-verify'], [`${commit}:refs/heads/${branch}`], signal)
  }

  /** Removes a branch on the server, if it still is at this commit. */
  remove(branch: string, commit: string, signal?: AbortSignal): Promise<void> {
    const lease = `--force-with-lease=refs/heads/${branch}:${commit}`
    return this.#git(['push', '--porcelain', '--no-verify', lease], [`:refs/heads/${branch}`], signal)
  }

  /** Fetches a branch and gives the text of the probe's file in it; undefined when the branch has other content. */
  async readBack(branch: string, signal?: AbortSignal): Promise<string | undefined> {
    await this.#git(['fetch', '--no-tags', '--depth=1'], [`+refs/heads/${branch}:refs/heads/read-back`], signal)
    const list = await runGit(['ls-tree', '--name-only', 'refs/heads/read-back'], { gitDir: this.dir })
    if (list.stdout.toString('utf8').trim() !== probeFile) return undefined
    const shown = await runGit(['cat-file', 'blob', `refs/heads/read-back:${probeFile}`], { gitDir: this.dir })
    return shown.exitCode === 0 ? shown.stdout.toString('utf8') : undefined
  }

  /** Removes what is on this machine. */
  close(): Promise<void> {
    return rm(join(this.dir, '..'), { recursive: true, force: true })
  }

  #git(command: readonly string[], refs: readonly string[], signal: AbortSignal | undefined): Promise<void> {
    return withConnection(this.#remote, async ({ url, ...environment }) => {
      const result = await runGit([...command, '--recurse-submodules=no', '--', url.href, ...refs], {
        ...environment,
        gitDir: this.dir,
        timeoutMs,
        ...(signal && { signal }),
      })
      if (result.exitCode !== 0) throw gitFailure(result, url.href)
    })
  }
}

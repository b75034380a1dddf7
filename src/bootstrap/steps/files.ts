import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { SluiceError } from '../../base/errors/index.ts'
import { type FileTree, memoryTree } from '../../base/file-tree.ts'
import { unifiedDiff } from '../../base/text-diff.ts'
import { type CommitAuthor, commitFiles, type FileChange, type Mirror, openMirror } from '../../git/index.ts'
import { refusePlainSecrets } from '../../sops/index.ts'
import { type DesiredFile, desiredFiles } from '../desired-files.ts'
import { effect } from '../effect.ts'
import type { BootstrapContext, BootstrapStep, PlannedChange } from '../types.ts'

/** Commits the fleet's tree: what is missing is added, what is there stays, in one commit. */
export const filesStep: BootstrapStep = {
  id: 'files',
  title: 'commit the files of the fleet',
  async inspect(context, state) {
    const tree = state.tip === undefined ? memoryTree({}) : await readTree(context, state.tip)
    const { files, notes } = await desiredFiles(context, tree)
    const changes = files.filter(file => file.action !== 'keep')
    if (changes.length === 0 && state.tip !== undefined) state.commit = state.tip
    const kept = files.length - changes.length
    return {
      id: 'files',
      title: this.title,
      state: changes.length === 0 ? 'done' : 'to-do',
      summary:
        changes.length === 0
          ? 'every file is there'
          : `commit ${changes.length} files to ${context.fleet.branch}${kept > 0 ? `, ${kept} are there` : ''}`,
      changes: files.map(plannedFile),
      ...(notes.length > 0 ? { notes } : {}),
    }
  },
  async apply(context, state) {
    const { fleet, forge, signal } = context
    return await withMirror(context, async mirror => {
      const result = await effect(context, 'files.push', () =>
        commitFiles({
          mirror,
          remote: forge.remote(fleet.owner, fleet.repository),
          branch: fleet.branch,
          // Computed anew on the tip that the push meets: what somebody else pushed meanwhile is seen and kept.
          edit: async tree => {
            const changes = changesOf(await desiredFiles(context, tree))
            refusePlainSecrets(changes)
            return changes
          },
          message: paths => commitMessage(context, paths),
          author: context.author ?? authorFor(state.login, forge.host),
          signal,
        }),
      )
      if (result.commit === undefined)
        throw new SluiceError('E_INTERNAL', { object: 'files', seen: 'no commit after a push' })
      state.commit = result.commit
      state.tip = result.commit
      const what = result.pushed ? `committed ${result.paths.length} files` : 'every file is there'
      return {
        summary: `${what}: ${fleet.branch}@${result.commit.slice(0, 7)}`,
        facts: { commit: result.commit, pushed: result.pushed },
      }
    })
  },
}

async function readTree(context: BootstrapContext, tip: string): Promise<FileTree> {
  const { fleet, forge, signal } = context
  return await withMirror(context, async mirror => {
    const options = { signal, commit: tip }
    const { commit } = await mirror.fetch(
      forge.remote(fleet.owner, fleet.repository),
      `refs/heads/${fleet.branch}`,
      options,
    )
    return await snapshot(mirror.tree(commit), fleet.path)
  })
}

/** A mirror for one step, in a folder of its own: two runs at once must not share one. */
async function withMirror<T>(context: BootstrapContext, work: (mirror: Mirror) => Promise<T>): Promise<T> {
  const parent = join(context.dataDir, 'mirrors')
  await mkdir(parent, { recursive: true })
  const dir = await mkdtemp(join(parent, 'bootstrap-'))
  try {
    const mirror = await openMirror(dir)
    try {
      return await work(mirror)
    } finally {
      await mirror.close()
    }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** The part of a tree that planning reads, in memory, so that the mirror can be closed. */
async function snapshot(tree: FileTree, folder: string): Promise<FileTree> {
  const files: Record<string, Buffer> = {}
  const walk = async (path: string): Promise<void> => {
    for (const entry of await tree.list(path)) {
      if (entry.kind === 'folder') await walk(entry.path)
      else if (entry.kind === 'file') files[entry.path] = (await tree.read(entry.path)) ?? Buffer.alloc(0)
    }
  }
  await walk(folder === '.' ? '' : folder)
  return memoryTree(files)
}

/** The person whose token it is; the host's own form of an address that reveals nothing. */
function authorFor(login: string | undefined, host: string): CommitAuthor {
  const name = login ?? 'sluice'
  return { name, email: `${name}@users.noreply.${host.replace(/:\d+$/, '')}` }
}

function changesOf({ files }: { files: readonly DesiredFile[] }): FileChange[] {
  return files.filter(file => file.action !== 'keep').map(({ path, after }) => ({ path, content: after }))
}

function plannedFile({ path, action, before, after }: DesiredFile): PlannedChange {
  return { kind: 'file', path, action, diff: action === 'keep' ? '' : unifiedDiff(path, before, after) }
}

function commitMessage({ fleet }: BootstrapContext, paths: readonly string[]): string {
  const names = fleet.clusters
    .map(cluster => cluster.name)
    .filter(name => paths.some(path => path.includes(`/${name}/eksa-system/`)))
  const subject =
    names.length === 0
      ? `Update the synchronization of ${fleet.management}`
      : names.length <= 3
        ? `Add ${names.join(', ')} to the fleet of ${fleet.management}`
        : `Add ${names.length} clusters to the fleet of ${fleet.management}`
  return `${subject}\n\nMade by sluice bootstrap.\n`
}

import { SluiceError } from '../base/errors/index.ts'
import type { FileTree } from '../base/file-tree.ts'
import { jsonEqual } from '../base/json.ts'
import type { Commit, Mirror } from '../git/index.ts'
import { formatSize } from '../specs/index.ts'
import { type CommitWords, scaleText } from './commit-scale.ts'
import type { FleetSync } from './find-sync.ts'
import { type SizesCommit, type SizesFile, sizesChanged, sizesIn } from './group-history.ts'
import type { ScaleRequest } from './scale.ts'

/** A commit that is to be undone. */
export interface Revert extends SizesCommit {
  readonly file: SizesFile
}

/** History that is looked through at first, and at most: older commits are named by nobody who scales. */
const depths = [200, 5000] as const

/**
 * Finds the commit to undo: the named one, or the last scale of the cluster that was not undone yet. Fails with
 * E_FLEET_NOTHING_TO_REVERT.
 */
export async function findRevert(
  request: ScaleRequest,
  sync: FleetSync,
  mirror: Mirror,
  fileIn: (tree: FileTree) => Promise<SizesFile>,
): Promise<Revert> {
  const { signal, cluster } = request
  const { remote } = request.repositoryFor(sync.url)
  const named = typeof request.revert === 'string' ? request.revert.toLowerCase() : undefined
  for (const [i, depth] of depths.entries()) {
    const options = i === 0 ? { depth, signal } : { deepen: depth, signal }
    const { commit: tip } = await mirror.fetch(remote, `refs/heads/${sync.branch}`, options)
    const file = await fileIn(mirror.tree(tip))
    const log = await mirror.log(tip, { path: file.path, limit: depth, signal })
    const found = named === undefined ? lastScale(log, cluster) : namedCommit(log, named)
    // At the edge of a shallow copy a commit seems to have made everything.
    const isEdge = found && found.parents[0] !== undefined && (await mirror.commit(found.parents[0])) === undefined
    if (!found || isEdge) continue
    const revert = { file, ...(await sizesChanged(mirror, file, found)) }
    if (revert.changes.length > 0) return revert
    throw new SluiceError('E_FLEET_NOTHING_TO_REVERT', {
      object: `${found.sha.slice(0, 7)} (${found.subject})`,
      expected: `a commit that changes sizes of ${cluster}`,
      seen: 'none changed',
    })
  }
  throw new SluiceError('E_FLEET_NOTHING_TO_REVERT', {
    object: `Cluster/${cluster}`,
    expected: named === undefined ? `a commit "Scale ${cluster} …" that was not undone yet` : `a commit ${named}`,
    seen: 'none in the history of its file',
  })
}

/** The last scale of a cluster that no later commit undoes; a revert that was itself undone does not count. */
export function lastScale(log: readonly Commit[], cluster: string): Commit | undefined {
  const undone = new Set<string>()
  return log.find(commit => {
    if (undone.has(commit.sha)) return false
    if (commit.subject.startsWith(`Scale ${cluster} `)) return true
    for (const [, sha] of commit.body.matchAll(/^This reverts commit ([0-9a-f]{40})\.?$/gm)) undone.add(sha!)
    return false
  })
}

function namedCommit(log: readonly Commit[], named: string): Commit | undefined {
  const found = log.filter(commit => commit.sha.startsWith(named))
  if (found.length > 1) {
    throw new SluiceError('E_FLEET_NOTHING_TO_REVERT', {
      expected: 'one commit',
      seen: `${named} begins ${found.length} of them: ${found.map(one => one.sha.slice(0, 12)).join(', ')}`,
    })
  }
  return found[0]
}

/** Fails with E_FLEET_SCALE_CONFLICT when a size is no longer what the commit made of it: both sides are named. */
export async function refuseChangedSince(
  { commit, changes, file }: Revert,
  mirror: Mirror,
  tree: FileTree,
  tip: string | undefined,
): Promise<void> {
  const now = sizesIn(file, (await tree.read(file.path))?.toString('utf8'))
  for (const { group, from, to } of changes) {
    const size = now?.get(group)
    // Whose group is gone is told by what looks for it.
    if (!size) continue
    const seen = typeof to === 'number' ? (size.count ?? 0) : { ...size.bounds, count: size.count }
    const same = (other: typeof to) =>
      typeof other === 'number' ? seen === other : jsonEqual(seen, { ...other, count: other.count })
    if (same(to) || same(from)) continue
    const by = tip === undefined ? '' : await whoSet(mirror, file, group, tip)
    const text = typeof to === 'number' || !size.bounds ? String(size.count ?? 0) : formatSize(size.bounds)
    throw new SluiceError('E_FLEET_SCALE_CONFLICT', {
      object: `${group} in ${file.path}`,
      expected: `${formatSize(to)}, as ${commit.sha.slice(0, 7)} by ${commit.author.name} left it (${commit.subject})`,
      seen: `${text}${by}`,
      next: 'Undo the later change first, or set what you want with `sluice scale`.',
    })
  }
}

async function whoSet(mirror: Mirror, file: SizesFile, group: string, tip: string): Promise<string> {
  for (const commit of await mirror.log(tip, { path: file.path, limit: 100 })) {
    const { changes } = await sizesChanged(mirror, file, commit)
    if (changes.some(one => one.group === group))
      return `, set by ${commit.author.name} in ${commit.sha.slice(0, 7)} (${commit.subject})`
  }
  return ''
}

/** What the commit that undoes another says: git's own words. */
export function revertWords(cluster: string, { commit }: Revert): CommitWords {
  return {
    key: `revert ${cluster} ${commit.sha.slice(0, 12)}`,
    message: () => `Revert "${commit.subject}"\n\nThis reverts commit ${commit.sha}.\n`,
    describe: plan => scaleText(cluster, `sluice scale ${cluster} --revert ${commit.sha.slice(0, 12)}`, plan),
  }
}

import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { jsonEqual } from '../base/json.ts'
import { type Mirror, openMirror } from '../git/index.ts'
import type { KubeClient } from '../kube/client/types.ts'
import { readFleetTree } from '../layout/index.ts'
import { type EksctlCluster, eksctlClusterKind, formatSize, type Size } from '../specs/index.ts'
import { findFleetSync } from './find-sync.ts'
import { type FullSize, type SizesFile, sizesAt } from './group-history.ts'
import { listIfKnown } from './read-fleet.ts'
import type { FleetRepository } from './repository-remote.ts'
import type { ClusterRow, GitSize, NodeGroupRow } from './types.ts'

/** How much history is looked through for who set a size. */
const depth = 200

export interface GitSizesRequest {
  readonly client: KubeClient
  readonly repositoryFor: (url: string) => FleetRepository
  readonly dataDir: string
  readonly signal: AbortSignal
}

/**
 * The rows of a fleet with what the tip of its repository says of each group: the size, the commit that set it, who made
 * that and when; and how the cluster's spec differs. Reads only. Fails with E_FLEET_NO_SYNC, E_GIT_….
 */
export async function withGitSizes(rows: readonly ClusterRow[], request: GitSizesRequest): Promise<ClusterRow[]> {
  const { client, signal, dataDir } = request
  const sync = await findFleetSync(client, signal)
  const { remote } = request.repositoryFor(sync.url)
  const eksctl = (await listIfKnown(client, eksctlClusterKind, signal)) as EksctlCluster[]
  const parent = join(dataDir, 'mirrors')
  await mkdir(parent, { recursive: true })
  const dir = await mkdtemp(join(parent, 'get-'))
  const mirror = await openMirror(dir)
  try {
    const { commit: tip } = await mirror.fetch(remote, `refs/heads/${sync.branch}`, { depth, signal })
    const place = { clusterConfigPath: sync.path, systemNamespace: sync.namespace }
    const { clusters } = await readFleetTree(mirror.tree(tip), place)
    const found: ClusterRow[] = []
    for (const row of rows) {
      const file = fileOf(row, clusters, eksctl)
      const sizes = file && (await gitSizes(mirror, file, tip, signal))
      found.push(sizes ? { ...row, groups: row.groups.map(group => withGit(group, sizes.get(group.name))) } : row)
    }
    return found
  } finally {
    await mirror.close()
    await rm(dir, { recursive: true, force: true })
  }
}

/** Where the sizes of a row's cluster stand; undefined when the repository does not have it. */
export function fileOf(
  { name, namespace }: Pick<ClusterRow, 'name' | 'namespace'>,
  clusters: readonly { readonly name: string | undefined; readonly spec: { readonly path: string } }[],
  eksctl: readonly EksctlCluster[],
): SizesFile | undefined {
  const object = eksctl.find(one => one.metadata.name === name && one.metadata.namespace === namespace)
  const path = object?.spec.configPath ?? clusters.find(one => one.name === name)?.spec.path
  return path === undefined ? undefined : { path, cluster: name, eksctl: object }
}

/** The sizes of a file's groups at the tip, each with the commit since which it is so. */
export async function gitSizes(
  mirror: Mirror,
  file: SizesFile,
  tip: string,
  signal: AbortSignal,
): Promise<Map<string, GitSize>> {
  const sizes = await sizesAt(mirror, file, tip)
  const found = new Map<string, GitSize>(
    [...(sizes ?? [])].map(([group, size]) => [group, { size: shown(size) } as GitSize]),
  )
  const open = new Set(found.keys())
  for (const commit of await mirror.log(tip, { path: file.path, limit: depth, signal })) {
    if (open.size === 0) break
    const [parent] = commit.parents
    // At the edge of a shallow copy a commit seems to have made everything.
    if (parent !== undefined && (await mirror.commit(parent)) === undefined) break
    const before = parent === undefined ? undefined : await sizesAt(mirror, file, parent)
    for (const group of [...open]) {
      if (jsonEqual(before?.get(group) ?? null, sizes?.get(group) ?? null)) continue
      const { sha, author, date, subject } = commit
      found.set(group, { ...found.get(group)!, commit: sha, author: author.name, date, subject })
      open.delete(group)
    }
  }
  return found
}

function shown({ autoscaled, bounds, count }: FullSize): Size {
  return autoscaled && bounds ? bounds : (count ?? 0)
}

/** A row with what Git says beside it. */
export function withGit(row: NodeGroupRow, git: GitSize | undefined): NodeGroupRow {
  const spec = row.autoscaling ?? row.wanted
  if (!git) return { ...row, drift: row.drift ?? 'not in Git' }
  const differs = spec === undefined || formatSize(git.size) !== formatSize(spec)
  const drift = differs
    ? `cluster has ${spec === undefined ? 'none' : formatSize(spec)}, Git ${formatSize(git.size)}`
    : undefined
  return { ...row, git, drift: row.drift ?? drift }
}

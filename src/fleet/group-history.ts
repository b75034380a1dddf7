import { jsonEqual } from '../base/json.ts'
import type { Commit, Repository } from '../git/index.ts'
import { type EksctlCluster, groupSizes, readClusterConfig, type Size } from '../specs/index.ts'
import { clusterIn } from './set-count.ts'
import { nodeGroups } from './view.ts'

/** Where the sizes of a cluster stand in Git. */
export interface SizesFile {
  readonly path: string
  readonly cluster: string
  /** Present for a cluster of eksctl. */
  readonly eksctl?: EksctlCluster | undefined
}

/** What a file says of one group: its count, its bounds, and who owns the count. */
export interface FullSize {
  readonly count: number | undefined
  readonly bounds: { readonly min: number; readonly max: number } | undefined
  readonly autoscaled: boolean
}

/** The sizes of all groups as one state of the file has them; undefined for a file that cannot be read as one. */
export function sizesIn(file: SizesFile, text: string | undefined): Map<string, FullSize> | undefined {
  if (text === undefined) return undefined
  try {
    return new Map(file.eksctl ? eksctlSizes(file, text) : eksaSizes(file, text))
  } catch {
    // History may hold anything: a state that nobody can read sets no sizes.
    return undefined
  }
}

function eksaSizes(file: SizesFile, text: string): [string, FullSize][] {
  return nodeGroups(clusterIn(text, file.cluster).object).map(({ name, count, autoscaling }) => [
    name,
    { count, bounds: autoscaling, autoscaled: autoscaling !== undefined },
  ])
}

function eksctlSizes({ path, eksctl }: SizesFile, text: string): [string, FullSize][] {
  const { found } = readClusterConfig({ path, text })
  if (!found) return []
  const { managedNodeGroups = [], nodeGroups: ownGroups = [] } = found.config
  const written = new Map([...(managedNodeGroups ?? []), ...(ownGroups ?? [])].map(group => [group.name, group]))
  return groupSizes(found.config).map(({ name, min, max, desired, autoscaled }) => {
    const theirs = autoscaled || desired === undefined || (eksctl?.spec.autoscaled ?? []).includes(name)
    const group = written.get(name)
    // Bounds that the file leaves out follow the count: nobody set them, and undoing must not write them.
    const isSet = typeof group?.minSize === 'number' && typeof group.maxSize === 'number'
    return [name, { count: desired, bounds: theirs || isSet ? { min, max } : undefined, autoscaled: theirs }]
  })
}

/** A commit, and what it changed of the sizes. */
export interface SizesCommit {
  readonly commit: Commit
  readonly changes: readonly { readonly group: string; readonly from: Size; readonly to: Size }[]
}

/** What a commit changed of the sizes of groups that are there before and after it. */
export async function sizesChanged(repository: Repository, file: SizesFile, commit: Commit): Promise<SizesCommit> {
  const [parent] = commit.parents
  const known = parent !== undefined && (await repository.commit(parent)) !== undefined
  const [before, after] = await Promise.all([
    known ? sizesAt(repository, file, parent) : undefined,
    sizesAt(repository, file, commit.sha),
  ])
  const changes = [...(after ?? [])].flatMap(([group, now]) => {
    const old = before?.get(group)
    if (!old || jsonEqual(old, now)) return []
    return [{ group, from: sizeBeside(old, now), to: sizeBeside(now, old) }]
  })
  return { commit, changes }
}

export async function sizesAt(
  repository: Repository,
  file: SizesFile,
  commit: string,
): Promise<Map<string, FullSize> | undefined> {
  return sizesIn(file, (await repository.tree(commit).read(file.path))?.toString('utf8'))
}

/** A size as a change to or from another one is written: bounds only where they say something. */
export function sizeBeside(size: FullSize, other: FullSize): Size {
  const { count, bounds } = size
  const wantsBounds = size.autoscaled || count === undefined || !jsonEqual(bounds, other.bounds)
  return bounds && wantsBounds ? { ...bounds, ...(count === undefined ? {} : { count }) } : (count ?? 0)
}

import { jsonEqual } from '../base/json.ts'
import type { Commit, Repository } from '../git/index.ts'
import { applicationPaths } from './paths.ts'
import { readApps } from './read-applications.ts'
import type { ChartChoice, Values } from './types.ts'

/** What helm is given in one environment at one commit. */
export interface Snapshot {
  readonly chart: ChartChoice
  readonly values: Values
  readonly suspended: boolean
}

/** A commit that changed what is released in an environment. */
export interface Release {
  readonly commit: Commit
  /** Undefined: the application was taken out of the environment. */
  readonly after: Snapshot | undefined
  /** Undefined: it was not there before. */
  readonly before: Snapshot | undefined
}

export interface HistoryOptions {
  /** At most so many releases; 50 when absent. */
  readonly limit?: number
  readonly signal?: AbortSignal
}

/** Commits that are looked at for releases: those that only move files about are among them. */
const maxCommits = 500

/**
 * The releases of an application in an environment, the newest first: every commit after which helm is given something
 * else there, whoever made it and however. `tip` is the commit to start from.
 */
export async function releasesOf(
  repository: Repository,
  tip: string,
  app: string,
  environment: string,
  options: HistoryOptions = {},
): Promise<Release[]> {
  const { limit = 50, signal } = options
  const { folder } = applicationPaths(app)
  const log = await repository.log(tip, { path: folder, limit: maxCommits, ...(signal && { signal }) })
  const known = new Map<string, Snapshot | undefined>()
  const snapshot = async (commit: string | undefined) => {
    if (commit === undefined) return undefined
    const digest = await repository.treeDigest(commit, folder)
    if (digest === undefined) return undefined
    if (!known.has(digest)) known.set(digest, await snapshotAt(repository, commit, app, environment))
    return known.get(digest)
  }
  const out: Release[] = []
  for (const commit of log) {
    signal?.throwIfAborted()
    const [after, before] = await Promise.all([snapshot(commit.sha), snapshot(commit.parents[0])])
    if (jsonEqual(after ?? null, before ?? null)) continue
    out.push({ commit, after, before })
    if (out.length >= limit) break
  }
  return out
}

/** What an environment was given at a commit; undefined when it was not there, or could not be read. */
export async function snapshotAt(
  repository: Repository,
  commit: string,
  app: string,
  environment: string,
): Promise<Snapshot | undefined> {
  const { applications } = await readApps(repository.tree(commit), [app])
  const deployment = applications[0]?.deployments.find(one => one.environment === environment)
  return deployment && { chart: deployment.chart, values: deployment.values, suspended: deployment.suspended }
}

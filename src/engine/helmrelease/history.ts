import type { HelmRelease } from '../../specs/flux/helm-release.ts'
import { defaultMaxHistory } from './settings.ts'
import { digestRelease, isTest, type StoredRelease } from './storage/release.ts'
import { digestValues } from './values/digest.ts'

/** One revision of a release, as the status remembers it (Flux: v2.Snapshot). */
export type Snapshot = NonNullable<NonNullable<HelmRelease['status']>['history']>[number]

/** The revision as Flux writes it down. */
export function snapshotOf(release: StoredRelease, ociDigest?: string, action?: string): Snapshot {
  const { info, chart } = release
  return {
    apiVersion: 'v2',
    ...(action === undefined ? {} : { action }),
    ...(chart.appVersion ? { appVersion: chart.appVersion } : {}),
    chartName: chart.name,
    chartVersion: chart.version,
    configDigest: digestValues(release.config),
    ...(info.deleted ? { deleted: seconds(info.deleted) } : {}),
    digest: digestRelease(release, ociDigest),
    firstDeployed: seconds(info.first_deployed),
    lastDeployed: seconds(info.last_deployed),
    name: release.name,
    namespace: release.namespace,
    ...(ociDigest ? { ociDigest } : {}),
    status: release.status,
    version: release.version,
  } as Snapshot
}

/** The tests of a release and how they ended. */
export function testHooksOf(release: StoredRelease): NonNullable<Snapshot['testHooks']> {
  const hooks: Record<string, NonNullable<Snapshot['testHooks']>[string]> = {}
  for (const hook of release.hooks.filter(isTest)) {
    const { started_at, completed_at, phase } = hook.last_run ?? {}
    hooks[hook.name] = {
      ...(started_at ? { lastStarted: seconds(started_at) } : {}),
      ...(completed_at ? { lastCompleted: seconds(completed_at) } : {}),
      ...(phase ? { phase } : {}),
    } as never
  }
  return hooks as NonNullable<Snapshot['testHooks']>
}

/** Newest first. */
export function sorted(history: readonly Snapshot[] | undefined): Snapshot[] {
  return [...(history ?? [])].sort((a, b) => b.version - a.version)
}

/** The newest revision before the last one that was deployed and, unless tests do not count, has no failed test. */
export function previousOf(history: readonly Snapshot[] | undefined, ignoreTests: boolean): Snapshot | undefined {
  return sorted(history)
    .slice(1)
    .find(snapshot => isGood(snapshot, ignoreTests))
}

/** The history up to the previous good revision; the last five when there is none. */
export function truncated(history: readonly Snapshot[] | undefined, ignoreTests: boolean): Snapshot[] {
  const all = sorted(history)
  const good = all.findIndex((snapshot, index) => index > 0 && isGood(snapshot, ignoreTests))
  return all.slice(0, good > 0 ? good + 1 : defaultMaxHistory)
}

/** The history with what helm stored during an action: known revisions are renewed, a new one leads. */
export function withStored(
  history: readonly Snapshot[] | undefined,
  stored: Iterable<StoredRelease>,
  ociDigest: string | undefined,
  action: string,
): Snapshot[] {
  const all = sorted(history)
  for (const release of stored) {
    const at = all.findIndex(snapshot => targets(snapshot, release))
    if (at < 0) all.push(snapshotOf(release, ociDigest, action))
    else {
      const { testHooks, ociDigest: before, action: made } = all[at]!
      all[at] = { ...snapshotOf(release, before, made), ...(testHooks === undefined ? {} : { testHooks }) }
    }
  }
  return sorted(all)
}

export function targets(snapshot: Snapshot, release: Pick<StoredRelease, 'name' | 'namespace' | 'version'>): boolean {
  return (
    snapshot.name === release.name && snapshot.namespace === release.namespace && snapshot.version === release.version
  )
}

export function hasFailedTest(snapshot: Snapshot): boolean {
  return Object.values(snapshot.testHooks ?? {}).some(hook => hook?.phase === 'Failed')
}

/** `namespace/name.v3`. */
export function fullName(snapshot: Pick<Snapshot, 'namespace' | 'name' | 'version'>): string {
  return `${snapshot.namespace}/${snapshot.name}.v${snapshot.version}`
}

/** `podinfo@6.5.0`. */
export function chartOf(snapshot: Pick<Snapshot, 'chartName' | 'chartVersion'>): string {
  return `${snapshot.chartName}@${snapshot.chartVersion}`
}

function isGood(snapshot: Snapshot, ignoreTests: boolean): boolean {
  const deployed = snapshot.status === 'deployed' || snapshot.status === 'superseded'
  return deployed && (ignoreTests || !hasFailedTest(snapshot))
}

/** Kubernetes' times have no fraction. */
function seconds(time: string | undefined): string {
  const at = time === undefined ? Number.NaN : Date.parse(time)
  return `${new Date(Number.isNaN(at) ? 0 : at).toISOString().slice(0, 19)}Z`
}

import { StepFailure } from '../failure.ts'
import type { Attempt, Wanted } from './attempt.ts'
import { type Drift, detectDrift } from './drift/detect.ts'
import { ignoredFields } from './drift/ignore.ts'
import { hasFailedTest, type Snapshot, snapshotOf } from './history.ts'
import { objectsOf } from './manifest.ts'
import { renderingOf } from './rendering.ts'
import { activeRemediation } from './settings.ts'
import { newestRevision, readRelease } from './storage/read.ts'
import type { StoredRelease } from './storage/release.ts'
import { digestValues } from './values/digest.ts'
import { mergeValues } from './values/tables.ts'

/** How a release stands beside what its object says (Flux: reconcile.ReleaseState). */
export type ReleaseState =
  | { readonly kind: 'Absent' | 'Unmanaged' | 'OutOfSync' | 'Untested' | 'Failed' | 'InSync'; readonly reason: string }
  | { readonly kind: 'Locked'; readonly reason: string; readonly release: StoredRelease }
  | { readonly kind: 'Drifted'; readonly reason: string; readonly drifts: readonly Drift[] }

/** Finds out with one call how the release stands; with more only where there is something new, or drift to look for. */
export async function stateOf(attempt: Attempt, wanted: Wanted): Promise<ReleaseState> {
  const { memory, work, latest } = attempt
  const storage = attempt.storage(wanted.client)
  const newest = await newestRevision(storage, work.signal)
  if (newest === undefined) return { kind: 'Absent', reason: 'no release in storage for object' }
  let stored: StoredRelease | undefined
  const read = async (): Promise<StoredRelease> => {
    stored ??= (await readRelease(storage, newest.version, work.signal))?.release
    if (stored !== undefined) return stored
    throw new StepFailure(
      'StateError',
      `Could not determine release state: revision ${newest.version} cannot be read`,
      { transient: true },
    )
  }
  if (
    memory.observed?.resourceVersion !== newest.resourceVersion ||
    memory.observed.snapshot.version !== newest.version
  ) {
    const snapshot = snapshotOf(await read(), latest?.version === newest.version ? latest.ociDigest : undefined)
    memory.observed = { resourceVersion: newest.resourceVersion, snapshot }
  }
  const seen = memory.observed.snapshot
  if (seen.status.startsWith('pending-')) {
    return { kind: 'Locked', reason: `release with status '${seen.status}'`, release: await read() }
  }
  if (latest === undefined) {
    if (seen.status === 'uninstalled') return { kind: 'Absent', reason: 'found uninstalled release in storage' }
    return { kind: 'Unmanaged', reason: 'found existing release in storage' }
  }
  if (latest.version !== seen.version || latest.digest !== seen.digest) {
    return { kind: 'Unmanaged', reason: 'release not observed to be made for object' }
  }
  switch (seen.status) {
    case 'failed':
      return { kind: 'Failed', reason: '' }
    case 'uninstalled':
      return { kind: 'Absent', reason: 'found uninstalled release in storage' }
    case 'deployed':
      return deployedState(attempt, wanted, seen, latest, read)
    case 'uninstalling':
      // helm died between taking the objects away and taking the release away: it is taken away to the end.
      return { kind: 'Failed', reason: 'the release was not uninstalled to its end' }
    default:
      throw new StepFailure(
        'StateError',
        `Could not determine release state: unable to determine state for release with status '${seen.status}'`,
      )
  }
}

async function deployedState(
  attempt: Attempt,
  wanted: Wanted,
  seen: Snapshot,
  latest: Snapshot,
  read: () => Promise<StoredRelease>,
): Promise<ReleaseState> {
  const { object, status } = attempt
  if (seen.chartName !== wanted.chart.name || seen.chartVersion !== wanted.chart.version) {
    return { kind: 'OutOfSync', reason: 'release chart changed' }
  }
  if (latest.configDigest !== (await configWanted(attempt, wanted, read))) {
    return { kind: 'OutOfSync', reason: 'release config values changed' }
  }
  const rendering = renderingOf(object)
  if (rendering.observedPostRenderersDigest !== status.observedPostRenderersDigest) {
    return { kind: 'OutOfSync', reason: 'postrenderers digest has changed' }
  }
  if (rendering.observedCommonMetadataDigest !== status.observedCommonMetadataDigest) {
    return { kind: 'OutOfSync', reason: 'common metadata digest has changed' }
  }
  const { test } = object.spec
  if (test?.enable) {
    if (latest.testHooks === undefined) return { kind: 'Untested', reason: '' }
    const remediation = activeRemediation(object)
    if (remediation !== undefined && !remediation.ignoreTestFailures && hasFailedTest(latest)) {
      return { kind: 'Failed', reason: 'release has test in failed phase' }
    }
  }
  return (await driftedState(attempt, wanted, read)) ?? { kind: 'InSync', reason: '' }
}

/** With `preserveValues` the values of the last release stay under the new ones: then those are what is wanted. */
async function configWanted(attempt: Attempt, wanted: Wanted, read: () => Promise<StoredRelease>): Promise<string> {
  const kept = attempt.object.spec.upgrade?.preserveValues && attempt.latest?.configDigest !== wanted.config
  if (!kept) return wanted.config
  return digestValues(mergeValues((await read()).config, wanted.values))
}

async function driftedState(
  attempt: Attempt,
  { client }: Wanted,
  read: () => Promise<StoredRelease>,
): Promise<ReleaseState | undefined> {
  const { driftDetection } = attempt.object.spec
  if (driftDetection?.mode !== 'enabled' && driftDetection?.mode !== 'warn') return undefined
  const ignored = ignoredFields(driftDetection.ignore)
  const { signal } = attempt.work
  const objects = await objectsOf(await read(), client, signal)
  const { drifts, failures } = await detectDrift(client, objects, ignored, signal)
  if (drifts.length > 0) return { kind: 'Drifted', reason: '', drifts }
  if (failures.length === 0) return undefined
  throw new StepFailure(
    'StateError',
    `Could not determine release state: unable to determine cluster state: ${failures.join('\n')}`,
  )
}

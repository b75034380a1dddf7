import { isObject, jsonEqual } from '../base/json.ts'
import { conditionOf } from '../kube/condition.ts'
import type { Condition, KubeObject } from '../kube/object.ts'
import type { Snapshot } from './history.ts'
import { at, readChart } from './release.ts'
import { inOrder } from './stage-times.ts'

/** The stations of a commit on its way into the cluster, in their order. */
export const stageNames = ['committed', 'fetched', 'rendered', 'applied', 'healthy'] as const
export type StageName = (typeof stageNames)[number]

export interface Stage {
  readonly name: StageName
  /** `not-run`: an earlier stage failed; `paused`: reconciliation is suspended. */
  readonly state: 'done' | 'running' | 'waiting' | 'failed' | 'not-run' | 'paused'
  /** ISO 8601; when it was done or failed, as far as the cluster tells. Never before the stages before it. */
  readonly at?: string
  /** What was found, in the engine's words. */
  readonly detail?: string
  /** The object that tells it: `HelmRelease/flux-system/shop-staging`. */
  readonly object?: string
}

/** What the timeline is read from. */
export interface TimelineInput {
  readonly commit: { readonly sha: string; readonly date: string }
  /** What the commit wants to be released; undefined when it takes the application away. */
  readonly wanted: Snapshot | undefined
  readonly source: KubeObject | undefined
  readonly kustomization: KubeObject | undefined
  readonly release: KubeObject | undefined
  /** Whether a revision (`main@sha1:…`) holds the commit. */
  readonly holds: (revision: string | undefined) => boolean
}

/** How far a commit has come. Pure: the same objects give the same stages. */
export function timelineOf(input: TimelineInput): readonly Stage[] {
  const stages: Stage[] = [{ name: 'committed', state: 'done', at: input.commit.date }]
  for (const look of [fetched, rendered, applied, healthy]) {
    const last = stages.at(-1)!
    const name = stageNames[stages.length]!
    if (last.state === 'done') stages.push(look(input))
    else if (last.state === 'failed' || last.state === 'not-run') stages.push({ name, state: 'not-run' })
    else stages.push({ name, state: 'waiting' })
  }
  return inOrder(stages)
}

function fetched({ commit, source, holds }: TimelineInput): Stage {
  const told = tell('fetched', source)
  const revision = at(source, 'status', 'artifact', 'revision')
  const updated = at(source, 'status', 'artifact', 'lastUpdateTime')
  if (typeof revision === 'string' && holds(revision)) {
    // The time of a later revision says nothing of when this one came.
    const isIts = typeof updated === 'string' && revision.endsWith(commit.sha)
    return { ...told, state: 'done', detail: revision, ...(isIts ? { at: updated } : {}) }
  }
  if (at(source, 'spec', 'suspend') === true) return { ...told, state: 'paused', detail: 'the source is suspended' }
  const failure = failureOf(source)
  if (failure) return { ...told, state: 'failed', ...words(failure) }
  return { ...told, state: 'running', ...(source ? {} : { detail: 'the source is not in the cluster' }) }
}

/** Rendered: the engine has built the folder, and the cluster's HelmRelease says what Git says. */
function rendered({ wanted, kustomization, release, holds }: TimelineInput): Stage {
  const told = tell('rendered', kustomization)
  if (isRendered(wanted, release)) return { ...told, state: 'done', ...since(kustomization, 'Reconciling', 'Ready') }
  if (at(kustomization, 'spec', 'suspend') === true)
    return { ...told, state: 'paused', detail: 'the Kustomization is suspended' }
  // Until it is gone itself it may find its folder gone: that is what is wanted.
  if (!wanted) return { ...told, state: 'running', detail: 'being taken away' }
  const attempted = at(kustomization, 'status', 'lastAttemptedRevision')
  const failure = failureOf(kustomization)
  // A failure of an earlier revision says nothing of this one.
  if (failure && typeof attempted === 'string' && holds(attempted))
    return { ...told, state: 'failed', ...words(failure) }
  return { ...told, state: 'running', ...(kustomization ? {} : { detail: 'waiting for the Kustomization' }) }
}

function isRendered(wanted: Snapshot | undefined, release: KubeObject | undefined): boolean {
  if (!wanted) return release === undefined
  if (!release || release.metadata.deletionTimestamp !== undefined) return false
  const values = at(release, 'spec', 'values') ?? {}
  return jsonEqual(values, wanted.values) && jsonEqual(readChart(release) ?? null, wanted.chart)
}

/** Applied: helm has released it. */
function applied({ wanted, release }: TimelineInput): Stage {
  const told = tell('applied', release)
  if (!wanted) return { ...told, state: 'done' }
  if (at(release, 'spec', 'suspend') === true) return { ...told, state: 'paused', detail: 'the release is suspended' }
  if (!isObserved(release)) return { ...told, state: 'running' }
  const failure = failureOf(release)
  const latest = firstOf(at(release, 'status', 'history'))
  const released = conditionOf(release, 'Released')
  if (released?.status === 'True' && latest) {
    const deployed = latest['lastDeployed']
    const detail = `revision ${String(latest['version'])} of ${String(latest['chartName'])} ${String(latest['chartVersion'])}`
    return { ...told, state: 'done', detail, ...(typeof deployed === 'string' ? { at: deployed } : {}) }
  }
  if (failure) return { ...told, state: 'failed', ...words(failure) }
  return { ...told, state: 'running', ...reading(conditionOf(release, 'Reconciling')) }
}

function healthy({ wanted, kustomization, release, holds }: TimelineInput): Stage {
  const told = tell('healthy', wanted ? release : kustomization)
  if (!wanted) return { ...told, state: kustomization === undefined ? 'done' : 'running' }
  const failure = failureOf(release) ?? failureFor(kustomization, holds)
  if (failure) return { ...told, state: 'failed', ...words(failure) }
  const ready = conditionOf(release, 'Ready')
  if (ready?.status === 'True' && isObserved(release))
    return { ...told, state: 'done', ...time(ready), ...(ready.message ? { detail: ready.message } : {}) }
  return { ...told, state: 'running', ...reading(conditionOf(release, 'Reconciling') ?? ready) }
}

function failureFor(object: KubeObject | undefined, holds: TimelineInput['holds']): Condition | undefined {
  const attempted = at(object, 'status', 'lastAttemptedRevision')
  return typeof attempted === 'string' && holds(attempted) ? failureOf(object) : undefined
}

/** The condition that says that an object failed for what it is now; one that is still tried is no failure. */
function failureOf(object: KubeObject | undefined): Condition | undefined {
  const stalled = conditionOf(object, 'Stalled')
  if (stalled?.status === 'True') return conditionOf(object, 'Ready') ?? stalled
  const ready = conditionOf(object, 'Ready')
  return ready?.status === 'False' && isObserved(object) ? ready : undefined
}

function isObserved(object: KubeObject | undefined): boolean {
  const generation = object?.metadata.generation
  const observed = at(object, 'status', 'observedGeneration')
  return generation !== undefined && typeof observed === 'number' && observed >= generation
}

function tell(name: StageName, object: KubeObject | undefined): { name: StageName; object?: string } {
  if (!object) return { name }
  return { name, object: `${object.kind}/${object.metadata.namespace ?? ''}/${object.metadata.name ?? ''}` }
}

function words(condition: Condition): Partial<Stage> {
  return { detail: condition.message || condition.reason || 'it failed', ...time(condition) }
}

function reading(condition: Condition | undefined): Partial<Stage> {
  return condition?.message ? { detail: condition.message } : {}
}

function time(condition: Condition): Partial<Stage> {
  return condition.lastTransitionTime === undefined ? {} : { at: condition.lastTransitionTime }
}

function since(object: KubeObject | undefined, ...types: readonly string[]): Partial<Stage> {
  const found = types.map(type => conditionOf(object, type)).find(one => one?.lastTransitionTime !== undefined)
  return found ? time(found) : {}
}

function firstOf(value: unknown): Record<string, unknown> | undefined {
  const first: unknown = Array.isArray(value) ? value[0] : undefined
  return isObject(first) ? first : undefined
}

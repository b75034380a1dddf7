import { isObject, valueAt } from '../base/json.ts'
import { engineStanding, parseInventoryEntry, standingWarning } from '../engine/index.ts'
import { fluxKindOf } from '../fleet/flux-kinds.ts'
import { sourceRefOf } from '../fleet/source-ref.ts'
import type { KubeClient } from '../kube/client/types.ts'
import { conditionOf } from '../kube/condition.ts'
import { switchAnnotation } from '../kube/flux-controllers.ts'
import { computeHealth } from '../kube/health/index.ts'
import { formatRef, type ObjectRef, refKey, refOf } from '../kube/identity.ts'
import type { KubeObject } from '../kube/object.ts'
import { dependenciesOf } from './flux-objects.ts'
import { workloadTrouble } from './workload-trouble.ts'

/** One step from an object that is not ready towards the cause. */
export interface WhyStep {
  readonly ref: ObjectRef
  /** The end of a sentence that begins with the object: `waits for …`. */
  readonly says: string
}

/** The field that is to blame. */
export interface CulpritField {
  /** Dotted, as the API server names fields. */
  readonly field: string
  readonly value?: string
}

/** Why an object is not ready, as far as the cluster tells. */
export interface Explanation {
  readonly ref: ObjectRef
  readonly ready: boolean
  /** From the object to the cause; the last one is the cause. */
  readonly steps: readonly WhyStep[]
  readonly culprit?: ObjectRef & Partial<CulpritField>
  /** What the person does about it. */
  readonly next?: string
  /** Why what the cluster tells may be old: no engine acts on it, or a change of the engine was left midway. */
  readonly warning?: string
}

/** Chains longer than this are cut: they go round in circles. */
const maxSteps = 12

/** Follows an object that is not ready to its cause: dependencies, sources, what it applied, Pods. Reads only. */
export async function explain(client: KubeClient, object: KubeObject, signal: AbortSignal): Promise<Explanation> {
  const [explanation, warning] = await Promise.all([
    follow(client, object, signal),
    // Who may not list controllers or Leases is told all the rest.
    engineStanding(client, new Date(), signal).then(standingWarning, () => undefined),
  ])
  signal.throwIfAborted()
  return warning === undefined ? explanation : { ...explanation, warning }
}

async function follow(client: KubeClient, object: KubeObject, signal: AbortSignal): Promise<Explanation> {
  const ref = refOf(object)
  const steps: WhyStep[] = []
  const seen = new Set<string>()
  let at: KubeObject = object
  for (;;) {
    const here = refOf(at)
    if (seen.has(refKey(here)) || steps.length >= maxSteps) {
      const says = 'is waited for by what it waits for: the dependencies go round in a circle'
      return done(
        ref,
        [...steps, { ref: here, says }],
        { ...here, field: 'spec.dependsOn' },
        'Take one dependsOn of the circle away.',
      )
    }
    seen.add(refKey(here))
    const step = await look(client, at, signal)
    if (step.kind === 'ready') return { ref, ready: steps.length === 0, steps }
    steps.push({ ref: here, says: step.says })
    if (step.kind === 'cause') return done(ref, steps, { ...here, ...step.field }, step.next)
    if (step.kind === 'missing')
      return done(ref, [...steps, { ref: step.missing, says: 'is not there' }], step.missing, step.next)
    at = step.to
  }
}

function done(
  ref: ObjectRef,
  steps: WhyStep[],
  culprit: Explanation['culprit'],
  next: string | undefined,
): Explanation {
  return { ref, ready: false, steps, ...(culprit && { culprit }), ...(next !== undefined && { next }) }
}

type Look =
  | { readonly kind: 'ready' }
  | { readonly kind: 'on'; readonly says: string; readonly to: KubeObject }
  | { readonly kind: 'missing'; readonly says: string; readonly missing: ObjectRef; readonly next: string }
  | { readonly kind: 'cause'; readonly says: string; readonly field?: CulpritField; readonly next?: string }

async function look(client: KubeClient, object: KubeObject, signal: AbortSignal): Promise<Look> {
  const kind = fluxKindOf(refOf(object))
  if (!kind) return lookAtManaged(client, object, signal)
  const { metadata } = object
  const verb = `${kind.kind.toLowerCase()} ${metadata.name} -n ${metadata.namespace}`
  if (valueAt(object, ['spec', 'suspend']) === true) {
    const field = { field: 'spec.suspend', value: 'true' }
    const to = metadata.annotations?.[switchAnnotation]
    if (to !== undefined) {
      const back = to === 'flux' ? 'sluice' : 'flux'
      const next = `Let the change of the engine end: sluice engine switch --to ${to} goes on with it, --to ${back} turns back. Do not resume it by hand.`
      return { kind: 'cause', says: 'is held while the engine of its fleet is changed', field, next }
    }
    return { kind: 'cause', says: 'is suspended: nothing is done for it', field, next: `sluice resume ${verb}` }
  }
  const ready = conditionOf(object, 'Ready')
  if (kind.role === 'notification' && !ready) return { kind: 'ready' }
  if (!ready) {
    const next = 'Check that an engine runs on this cluster: `sluice up`, `sluice engine --kubeconfig FILE`, or Flux.'
    return { kind: 'cause', says: 'has not been looked at by any engine', next }
  }
  const isCurrent = valueAt(object, ['status', 'observedGeneration']) === metadata.generation
  if (ready.status === 'True' && isCurrent) return { kind: 'ready' }
  return (
    (await waitsFor(client, object, signal)) ??
    (await unhealthy(client, object, signal)) ?? {
      kind: 'cause',
      says: `${ready.status === 'False' ? 'failed' : 'is being worked on'}: ${ready.reason ?? 'no reason'}: ${ready.message ?? 'no message'}`,
      ...(ready.status === 'False' ? { next: hint(ready.reason, verb) } : {}),
    }
  )
}

/** The dependency or source that is not ready; undefined when all are. */
async function waitsFor(client: KubeClient, object: KubeObject, signal: AbortSignal): Promise<Look | undefined> {
  const source = sourceRefOf(object)
  const needed = [...dependenciesOf(object), ...(source ? [source] : [])]
  for (const ref of needed) {
    const found = await client.find(ref, { signal })
    const says = `waits for ${formatRef(ref)}`
    if (!found)
      return {
        kind: 'missing',
        says,
        missing: ref,
        next: `Commit ${formatRef(ref)}, or take the reference to it away.`,
      }
    const ready = conditionOf(found, 'Ready')
    // A source keeps its last artifact when a fetch fails; a HelmRepository of type oci has no conditions at all.
    if (ready && ready.status !== 'True') return { kind: 'on', says, to: found }
  }
  return undefined
}

/** The object that was applied and is not healthy; what failed comes before what is missing or on its way. */
async function unhealthy(client: KubeClient, object: KubeObject, signal: AbortSignal): Promise<Look | undefined> {
  const entries = valueAt(object, ['status', 'inventory', 'entries'])
  const reason = conditionOf(object, 'Ready')?.reason
  const concernsHealth =
    reason === 'HealthCheckFailed' ||
    reason === 'Progressing' ||
    reason === 'InstallFailed' ||
    reason === 'UpgradeFailed'
  if (!Array.isArray(entries) || !concernsHealth) return undefined
  let worst: { weight: number; look: Look } | undefined
  for (const entry of entries) {
    const ref = parseInventoryEntry(entry)
    if (!ref || refKey(ref) === refKey(refOf(object))) continue
    const found = await client.find(ref, { signal })
    const says = `applied ${formatRef(ref)}, which is not healthy`
    const status = found ? computeHealth(found, { jobs: 'flux' }).status : 'NotFound'
    const weight = { Failed: 4, NotFound: 3, InProgress: 2, Terminating: 2, Unknown: 1, Current: 0 }[status]
    if (weight <= (worst?.weight ?? 0)) continue
    const next = `Somebody removed it; sluice reconcile ${object.kind.toLowerCase()} ${object.metadata.name} puts it back.`
    worst = { weight, look: found ? { kind: 'on', says, to: found } : { kind: 'missing', says, missing: ref, next } }
  }
  return worst?.look
}

async function lookAtManaged(client: KubeClient, object: KubeObject, signal: AbortSignal): Promise<Look> {
  const health = computeHealth(object, { jobs: 'flux' })
  if (health.status === 'Current') return { kind: 'ready' }
  const trouble = await workloadTrouble(client, object, signal)
  if (trouble) {
    const { pod, says, reason, message, field, value } = trouble
    const about = `${reason}${message ? `: ${message}` : ''}`
    return {
      kind: 'cause',
      says: `is not healthy, because Pod ${pod} ${says} (${about})`,
      ...(field ? { field: { field, ...(value === undefined ? {} : { value }) } } : {}),
      next: 'Change the field in Git and push.',
    }
  }
  const failure = valueAt(object, ['status', 'failureMessage'])
  const text = typeof failure === 'string' && failure !== '' ? failure : health.message
  const event = await lastWarning(client, object, signal)
  return { kind: 'cause', says: `is ${words[health.status]}: ${text}${event ? `; last warning: ${event}` : ''}` }
}

const words = {
  Failed: 'failed',
  InProgress: 'not ready yet',
  Terminating: 'being deleted',
  NotFound: 'not there',
  Unknown: 'in an unknown state',
  Current: 'ready',
} as const

/** The newest Warning about an object. */
async function lastWarning(client: KubeClient, object: KubeObject, signal: AbortSignal): Promise<string | undefined> {
  const fieldSelector = `involvedObject.kind=${object.kind},involvedObject.name=${object.metadata.name},type=Warning`
  const namespace = object.metadata.namespace ?? 'default'
  const { items } = await client
    .list({ group: '', version: 'v1', kind: 'Event' }, { namespace, fieldSelector, signal })
    .catch(() => ({ items: [] as KubeObject[] }))
  signal.throwIfAborted()
  const time = (event: KubeObject) => String(event['lastTimestamp'] ?? event['eventTime'] ?? '')
  const last = items.filter(isObject).sort((a, b) => (time(a) < time(b) ? 1 : -1))[0]
  return last && `${last['reason']}: ${last['message']}`
}

function hint(reason: string | undefined, verb: string): string {
  switch (reason) {
    case 'AuthenticationFailed':
      return 'Look at the Secret of spec.secretRef: `sluice check` says what is wrong with a token, `sluice token rotate` replaces it.'
    case 'BuildFailed':
    case 'ReconciliationFailed':
      return `Mend the file in Git and push; before that, sluice diff --path . shows what the cluster says to it.`
    case 'PruneRefused':
      return 'If the objects shall really go, set the annotation sluice.dev/allow-empty: "true" on it in Git.'
    default:
      return `Mend the cause in Git and push, or ask again: sluice reconcile ${verb}`
  }
}

/** The whole explanation as one sentence for people. */
export function sentenceOf({ ref, ready, steps }: Explanation): string {
  if (ready) return `${formatRef(ref)} is ready.`
  return `${steps.map(({ ref: at, says }, i) => `${i === 0 ? '' : ', because '}${formatRef(at)} ${says}`).join('')}.`
}

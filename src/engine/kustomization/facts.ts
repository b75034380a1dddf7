import { parseDuration } from '../../base/duration.ts'
import type { Condition, KubeObject } from '../../kube/object.ts'
import type { Kustomization } from '../../specs/flux/kustomization.ts'
import { StepFailure } from '../failure.ts'

/** The source that a Kustomization builds from. */
export interface SourceRef {
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

export function sourceRefOf(object: Kustomization): SourceRef {
  const { kind, name, namespace } = object.spec.sourceRef
  return { kind, name, namespace: namespace || (object.metadata.namespace ?? '') }
}

export function sourceRefKey(ref: SourceRef): string {
  return `${ref.kind}/${ref.namespace}/${ref.name}`
}

/** `namespace/name`: how queues and maps of the engine name an object of a known kind. */
export function keyOf(object: KubeObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name ?? ''}`
}

export function splitKey(key: string): { namespace: string; name: string } {
  const cut = key.indexOf('/')
  return { namespace: key.slice(0, cut), name: key.slice(cut + 1) }
}

/** A condition of any object's status. */
export function conditionOf(object: KubeObject, type: string): Condition | undefined {
  const status = object['status'] as { conditions?: readonly Condition[] } | undefined
  return status?.conditions?.find(condition => condition.type === type)
}

/** Intervals and limits of one Kustomization, in milliseconds. */
export interface Timing {
  readonly intervalMs: number
  readonly retryMs: number
  readonly timeoutMs: number
}

/**
 * Reads the durations. A text that is no duration, or none that a clock can hold, stalls this object only.
 * Timeout as in Flux: the interval less 30 seconds, at least 30 seconds, when nothing is said.
 */
export function timingOf(object: Kustomization): Timing {
  const read = (field: 'interval' | 'retryInterval' | 'timeout'): number | undefined => {
    const text = object.spec[field]
    if (text === undefined || text === '') return undefined
    const ms = parseDuration(text)
    if (ms !== undefined) return ms
    throw new StepFailure(
      'InvalidInterval',
      `spec.${field} is not a duration: expected one such as 10m or 1h30m, below 285 years, seen ${JSON.stringify(text)}`,
      { stalled: true },
    )
  }
  const intervalMs = Math.max(1000, read('interval') ?? 600_000)
  return {
    intervalMs,
    retryMs: Math.max(1000, read('retryInterval') ?? intervalMs),
    timeoutMs: Math.max(1000, read('timeout') ?? Math.max(30_000, intervalMs - 30_000)),
  }
}

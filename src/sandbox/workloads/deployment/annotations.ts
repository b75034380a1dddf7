import type { Deployment, ReplicaSet } from '../shared/types.ts'
import { limits } from './counts.ts'

/** Annotations by which kubectl's `rollout history` and `rollout undo` know revisions. */
export const revisionAnnotation = 'deployment.kubernetes.io/revision'
const historyAnnotation = 'deployment.kubernetes.io/revision-history'
const desiredAnnotation = 'deployment.kubernetes.io/desired-replicas'
const maxAnnotation = 'deployment.kubernetes.io/max-replicas'

/** Those of a Deployment's annotations that are not copied to its ReplicaSets. */
const notCopied = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  revisionAnnotation,
  historyAnnotation,
  desiredAnnotation,
  maxAnnotation,
  'deprecated.deployment.rollback.to',
])

/** The revision of a ReplicaSet; 0 when it has none. */
export function revisionOf(set: ReplicaSet): number {
  return Number(set.metadata.annotations?.[revisionAnnotation] ?? 0) || 0
}

/** What the ReplicaSet of the current template carries: the Deployment's annotations (the change cause) and its revision. */
export function setAnnotations(
  deployment: Deployment,
  revision: number,
  existing: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const own = Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => !notCopied.has(key))
  const next: Record<string, string> = { ...existing, ...Object.fromEntries(own) }
  const before = Number(existing[revisionAnnotation] ?? 0) || 0
  if (before < revision) {
    next[revisionAnnotation] = String(revision)
    // A template that is used again keeps the numbers that it had (kubectl rollout undo).
    const history = existing[historyAnnotation] ?? ''
    if (before > 0) next[historyAnnotation] = history === '' ? String(before) : `${history},${before}`
  }
  return next
}

/** The sizes that a proportional scaling starts from. */
export function sizeAnnotations(deployment: Deployment): Record<string, string> {
  const { replicas } = deployment.spec
  return { [desiredAnnotation]: String(replicas), [maxAnnotation]: String(replicas + limits(deployment).surge) }
}

/** The count of the Deployment for which a ReplicaSet was last sized; undefined when it never was. */
export function desiredOf(set: ReplicaSet): number | undefined {
  return numberOf(set, desiredAnnotation)
}

/** The count with its surge for which a ReplicaSet was last sized; undefined when it never was. */
export function maxOf(set: ReplicaSet): number | undefined {
  return numberOf(set, maxAnnotation)
}

function numberOf(set: ReplicaSet, key: string): number | undefined {
  const text = set.metadata.annotations?.[key]
  return text === undefined || !/^\d+$/.test(text) ? undefined : Number(text)
}

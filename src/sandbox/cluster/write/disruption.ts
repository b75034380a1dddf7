import { isObject } from '../../../base/json.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type { ClusterState } from '../cluster-state.ts'
import { StatusError } from '../http/status.ts'
import { objectSelector } from '../select/object-selector.ts'
import type { StoredRecord } from '../store/record.ts'
import { rewrite } from './internal.ts'
import { timestamp } from './timestamp.ts'

const budgets = 'poddisruptionbudgets.policy'
/** Seconds after which a client is told to try again. */
const retrySeconds = 10

/**
 * Takes one disruption from the budget that guards a pod, or throws 429 when there is none left. Pods that have ended,
 * have not started or are going already need none. Contract: KEP-85 and the API server's eviction handler.
 */
export function spendDisruption(cluster: ClusterState, pod: StoredRecord, dryRun: boolean): void {
  const status = statusOf(pod.object)
  const phase = status['phase']
  if (phase === 'Succeeded' || phase === 'Failed' || phase === 'Pending') return
  if (pod.object.metadata.deletionTimestamp !== undefined) return
  const guarding = [...cluster.store.collection(budgets).records(pod.namespace)].filter(budget =>
    objectSelector(specOf(budget.object)['selector'])(pod.labels),
  )
  const [budget] = guarding
  if (!budget) return
  if (guarding.length > 1) {
    const why = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.'
    throw new StatusError(500, 'InternalError', why)
  }
  if (!isReady(status) && letsUnreadyGo(budget.object)) return
  spend(cluster, budget, pod, dryRun)
}

function spend(cluster: ClusterState, budget: StoredRecord, pod: StoredRecord, dryRun: boolean): void {
  const { generation = 1 } = budget.object.metadata
  const status = statusOf(budget.object)
  if (Number(status['observedGeneration'] ?? 0) < generation) {
    throw tooMany(`The disruption budget ${budget.name} is still being processed by the server.`, budget)
  }
  const allowed = Number(status['disruptionsAllowed'] ?? 0)
  if (allowed <= 0) {
    const [needs, has] = [Number(status['desiredHealthy'] ?? 0), Number(status['currentHealthy'] ?? 0)]
    throw tooMany(`The disruption budget ${budget.name} needs ${needs} healthy pods and has ${has} currently`, budget)
  }
  if (dryRun) return
  const disrupted = isObject(status['disruptedPods']) ? status['disruptedPods'] : {}
  rewrite(cluster, budgets, budget, object => {
    object['status'] = {
      ...status,
      disruptionsAllowed: allowed - 1,
      disruptedPods: { ...disrupted, [pod.name]: timestamp(cluster.clock.now()) },
    }
  })
}

function tooMany(message: string, budget: StoredRecord): StatusError {
  const error = new StatusError(
    429,
    'TooManyRequests',
    "Cannot evict pod as it would violate the pod's disruption budget.",
    { causes: [{ reason: 'DisruptionBudget', message }] },
  )
  const seen = statusOf(budget.object)['observedGeneration']
  if (seen === undefined || Number(seen) < (budget.object.metadata.generation ?? 1)) {
    error.status.details = { ...error.status.details, retryAfterSeconds: retrySeconds }
  }
  return error
}

/** Whether the budget's policy lets pods go that do not count as healthy anyway (KEP-3017). */
function letsUnreadyGo(budget: KubeObject): boolean {
  if (specOf(budget)['unhealthyPodEvictionPolicy'] === 'AlwaysAllow') return true
  const status = statusOf(budget)
  const desired = Number(status['desiredHealthy'] ?? 0)
  return desired > 0 && Number(status['currentHealthy'] ?? 0) >= desired
}

function isReady(status: Record<string, unknown>): boolean {
  const conditions = Array.isArray(status['conditions']) ? status['conditions'] : []
  return conditions.some(one => isObject(one) && one['type'] === 'Ready' && one['status'] === 'True')
}

function specOf(object: KubeObject): Record<string, unknown> {
  return isObject(object['spec']) ? object['spec'] : {}
}

function statusOf(object: KubeObject): Record<string, unknown> {
  return isObject(object['status']) ? object['status'] : {}
}

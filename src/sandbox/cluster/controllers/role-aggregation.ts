import { isObject, jsonEqual } from '../../../base/json.ts'
import type { ClusterState } from '../cluster-state.ts'
import { objectSelector } from '../select/object-selector.ts'
import type { StoredRecord } from '../store/record.ts'
import { rewrite } from '../write/internal.ts'

const clusterRoles = 'clusterroles.rbac.authorization.k8s.io'

/**
 * Fills the rules of ClusterRoles with an aggregation rule from the roles that it selects, in the order of their names.
 * Contract: Kubernetes documentation, "Aggregated ClusterRoles".
 */
export class RoleAggregation {
  readonly #cluster: ClusterState
  #stop: (() => void) | undefined

  constructor(cluster: ClusterState) {
    this.#cluster = cluster
  }

  start(): void {
    const collection = this.#cluster.store.collection(clusterRoles)
    const listener = () => this.#sync()
    this.#sync()
    collection.listeners.add(listener)
    this.#stop = () => collection.listeners.delete(listener)
  }

  stop(): void {
    this.#stop?.()
  }

  #sync(): void {
    const records = [...this.#cluster.store.collection(clusterRoles).records()]
    for (const record of records) {
      const { aggregationRule } = record.object
      if (!isObject(aggregationRule) || record.object.metadata.deletionTimestamp) continue
      const rules = gathered(record, aggregationRule, records)
      const now = record.object['rules']
      if (jsonEqual(rules, Array.isArray(now) ? now : [])) continue
      rewrite(this.#cluster, clusterRoles, record, object => (object['rules'] = rules.length > 0 ? rules : null))
    }
  }
}

function gathered(role: StoredRecord, aggregation: Record<string, unknown>, all: readonly StoredRecord[]): unknown[] {
  const selectors = Array.isArray(aggregation['clusterRoleSelectors']) ? aggregation['clusterRoleSelectors'] : []
  const matchers = selectors.map(objectSelector)
  const rules: unknown[] = []
  for (const other of all) {
    if (other === role || !matchers.some(matches => matches(other.labels))) continue
    const theirs = other.object['rules']
    for (const rule of Array.isArray(theirs) ? theirs : []) {
      if (!rules.some(known => jsonEqual(known, rule))) rules.push(rule)
    }
  }
  return rules
}

import { valueAt } from '../../base/json.ts'
import type { KubeObject } from '../object.ts'
import { conditionOf, conditionsOf, intAt, textAt } from './fields.ts'
import { current, failed, inProgress } from './result.ts'
import type { Health } from './types.ts'

/** `apps/Deployment`. */
export function deploymentHealth(object: KubeObject): Health {
  const deadline = valueAt(object, ['spec', 'progressDeadlineSeconds'])
  // Without a deadline (2^31-1 stands for none) the controller says nothing about progress.
  let progressing = typeof deadline !== 'number' || deadline === 2_147_483_647
  let available = false
  for (const { type, status, reason } of conditionsOf(object)) {
    if (type === 'Progressing') {
      if (reason === 'ProgressDeadlineExceeded') return failed(reason, 'Progress deadline exceeded')
      if (status === 'True' && reason === 'NewReplicaSetAvailable') progressing = true
    }
    if (type === 'Available' && status === 'True') available = true
  }
  const spec = intAt(object, ['spec', 'replicas'], 1)
  const all = intAt(object, ['status', 'replicas'], 0)
  const updated = intAt(object, ['status', 'updatedReplicas'], 0)
  const ready = intAt(object, ['status', 'readyReplicas'], 0)
  const usable = intAt(object, ['status', 'availableReplicas'], 0)
  if (spec > all) return inProgress('LessReplicas', `replicas: ${all}/${spec}`)
  if (spec > updated) return inProgress('LessUpdated', `Updated: ${updated}/${spec}`)
  if (all > spec) return inProgress('ExtraPods', `Pending termination: ${all - spec}`)
  if (updated > usable) return inProgress('LessAvailable', `Available: ${usable}/${updated}`)
  if (spec > ready) return inProgress('LessReady', `Ready: ${ready}/${spec}`)
  if (!progressing) return inProgress('ReplicaSetNotAvailable', 'ReplicaSet not Available')
  if (!available) return inProgress('DeploymentNotAvailable', 'Deployment not Available')
  return current(`Deployment is available. Replicas: ${all}`)
}

/** `apps/StatefulSet`. */
export function statefulSetHealth(object: KubeObject): Health {
  if (textAt(object, ['spec', 'updateStrategy', 'type']) === 'OnDelete') {
    return current('StatefulSet is using the ondelete update strategy')
  }
  const spec = intAt(object, ['spec', 'replicas'], 1)
  const all = intAt(object, ['status', 'replicas'], 0)
  const ready = intAt(object, ['status', 'readyReplicas'], 0)
  const now = intAt(object, ['status', 'currentReplicas'], 0)
  const updated = intAt(object, ['status', 'updatedReplicas'], 0)
  if (spec > all) return inProgress('LessReplicas', `Replicas: ${all}/${spec}`)
  if (spec > ready) return inProgress('LessReady', `Ready: ${ready}/${spec}`)
  if (all > spec) return inProgress('ExtraPods', `Pending termination: ${all - spec}`)
  const partition = intAt(object, ['spec', 'updateStrategy', 'rollingUpdate', 'partition'], -1)
  if (partition !== -1) {
    if (updated < spec - partition) {
      return inProgress('PartitionRollout', `updated: ${updated}/${spec - partition}`)
    }
    return current(`Partition rollout complete. updated: ${updated}`)
  }
  if (spec > now) return inProgress('LessCurrent', `current: ${now}/${spec}`)
  const from = textAt(object, ['status', 'currentRevision'])
  const to = textAt(object, ['status', 'updateRevision'])
  if (from !== to) return inProgress('RevisionMismatch', 'Waiting for updated revision to match current')
  return current(`All replicas scheduled as expected. Replicas: ${all}`)
}

/** `apps/DaemonSet`. */
export function daemonSetHealth(object: KubeObject): Health {
  const { generation } = object.metadata
  if (typeof generation !== 'number') return inProgress('NoGeneration', 'Missing metadata.generation')
  if (intAt(object, ['status', 'observedGeneration'], -1) === -1) {
    return inProgress('NoObservedGeneration', 'Missing status.observedGeneration')
  }
  const wanted = intAt(object, ['status', 'desiredNumberScheduled'], -1)
  if (wanted === -1) return inProgress('NoDesiredNumber', 'Missing status.desiredNumberScheduled')
  const now = intAt(object, ['status', 'currentNumberScheduled'], 0)
  const updated = intAt(object, ['status', 'updatedNumberScheduled'], 0)
  const available = intAt(object, ['status', 'numberAvailable'], 0)
  const ready = intAt(object, ['status', 'numberReady'], 0)
  if (wanted > now) return inProgress('LessCurrent', `Current: ${now}/${wanted}`)
  if (wanted > updated) return inProgress('LessUpdated', `Updated: ${updated}/${wanted}`)
  if (wanted > available) return inProgress('LessAvailable', `Available: ${available}/${wanted}`)
  if (wanted > ready) return inProgress('LessReady', `Ready: ${ready}/${wanted}`)
  return current(`All replicas scheduled as expected. Replicas: ${wanted}`)
}

/** `apps/ReplicaSet`. */
export function replicaSetHealth(object: KubeObject): Health {
  const failure = conditionOf(object, 'ReplicaFailure')
  if (failure?.status === 'True') return inProgress('ReplicaFailure', 'Replica Failure condition. Check Pods')
  const spec = intAt(object, ['spec', 'replicas'], 1)
  const all = intAt(object, ['status', 'replicas'], 0)
  const ready = intAt(object, ['status', 'readyReplicas'], 0)
  const available = intAt(object, ['status', 'availableReplicas'], 0)
  const labelled = intAt(object, ['status', 'fullyLabeledReplicas'], 0)
  if (spec > labelled) return inProgress('LessLabelled', `Labelled: ${labelled}/${spec}`)
  if (spec > available) return inProgress('LessAvailable', `Available: ${available}/${spec}`)
  if (spec > ready) return inProgress('LessReady', `Ready: ${ready}/${spec}`)
  if (all > spec) return inProgress('ExtraPods', `Pending termination: ${all - spec}`)
  return current(`ReplicaSet is available. Replicas: ${all}`)
}

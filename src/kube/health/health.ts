import { parseApiVersion } from '../identity.ts'
import type { KubeObject } from '../object.ts'
import { crdHealth } from './crds.ts'
import { genericHealth, readyHealth } from './generic.ts'
import { jobHealth } from './jobs.ts'
import { podHealth } from './pods.ts'
import { current } from './result.ts'
import { claimHealth, serviceHealth } from './storage-and-network.ts'
import type { Health, HealthOptions } from './types.ts'
import { daemonSetHealth, deploymentHealth, replicaSetHealth, statefulSetHealth } from './workloads.ts'

type Rule = (object: KubeObject, options: HealthOptions) => Health

const alwaysReady: Rule = () => current('Resource is always ready')

/** By kind, with the group in front unless it is the core group. The version does not matter. */
const rules: Readonly<Record<string, Rule>> = {
  Secret: alwaysReady,
  ConfigMap: alwaysReady,
  'batch/CronJob': alwaysReady,
  Service: serviceHealth,
  Pod: (object, options) => podHealth(object, options.now ?? new Date()),
  PersistentVolumeClaim: claimHealth,
  'apps/Deployment': deploymentHealth,
  'extensions/Deployment': deploymentHealth,
  'apps/StatefulSet': statefulSetHealth,
  'apps/DaemonSet': daemonSetHealth,
  'extensions/DaemonSet': daemonSetHealth,
  'apps/ReplicaSet': replicaSetHealth,
  'extensions/ReplicaSet': replicaSetHealth,
  // Waiting for the controller to see the generation is all there is to wait for.
  'policy/PodDisruptionBudget': () => current('AllowedDisruptions has been computed.'),
  'batch/Job': jobHealth,
  'apiextensions.k8s.io/CustomResourceDefinition': crdHealth,
}

/**
 * How an object is, by the rules of kstatus. Undefined (an object that is not there) is NotFound.
 *
 * @example
 * computeHealth(deployment) // { status: 'InProgress', reason: 'LessReady', message: 'Ready: 1/3' }
 */
export function computeHealth(object: KubeObject | undefined, options: HealthOptions = {}): Health {
  if (!object) return { status: 'NotFound', reason: '', message: 'Resource not found' }
  const generic = genericHealth(object)
  if (generic) return generic
  const { group } = parseApiVersion(object.apiVersion)
  const key = group === '' ? object.kind : `${group}/${object.kind}`
  const rule = Object.hasOwn(rules, key) ? rules[key] : undefined
  return rule ? rule(object, options) : readyHealth(object)
}

import type { GroupVersionKind } from '../../../kube/identity.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type {
  Claim,
  ControllerRevision,
  CronJob,
  DaemonSet,
  Deployment,
  DisruptionBudget,
  Job,
  Node,
  Pod,
  ReplicaSet,
  Service,
  StatefulSet,
} from './types.ts'

/** The kinds that the controllers watch, and the type of each. */
export interface KindTypes {
  Pod: Pod
  Node: Node
  Service: Service
  Endpoints: KubeObject
  EndpointSlice: KubeObject
  PersistentVolumeClaim: Claim
  PersistentVolume: KubeObject
  Deployment: Deployment
  ReplicaSet: ReplicaSet
  StatefulSet: StatefulSet
  DaemonSet: DaemonSet
  ControllerRevision: ControllerRevision
  Job: Job
  CronJob: CronJob
  PodDisruptionBudget: DisruptionBudget
}

/** The name of a kind that the controllers watch. */
export type KindName = keyof KindTypes

const groups: Readonly<Record<KindName, string>> = {
  Pod: '',
  Node: '',
  Service: '',
  Endpoints: '',
  PersistentVolumeClaim: '',
  PersistentVolume: '',
  EndpointSlice: 'discovery.k8s.io',
  Deployment: 'apps',
  ReplicaSet: 'apps',
  StatefulSet: 'apps',
  DaemonSet: 'apps',
  ControllerRevision: 'apps',
  Job: 'batch',
  CronJob: 'batch',
  PodDisruptionBudget: 'policy',
}

/** All of them; each is watched once. */
export const kindNames = Object.keys(groups) as KindName[]

/** Whether a kind is one of those that are watched. */
export function isKindName(kind: string): kind is KindName {
  return Object.hasOwn(groups, kind)
}

/** Group, version and kind of a watched kind. */
export function gvkOfKind(kind: KindName): GroupVersionKind {
  return { group: groups[kind], version: 'v1', kind }
}

/** `apps/v1` and the like. */
export function apiVersionOf(kind: KindName): string {
  return groups[kind] === '' ? 'v1' : `${groups[kind]}/v1`
}

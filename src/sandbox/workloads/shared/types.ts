import type { Condition, KubeObject, ObjectMeta } from '../../../kube/object.ts'

/** A condition as workloads carry it; Deployments know a time of the last update as well. */
export interface WorkloadCondition extends Condition {
  lastUpdateTime?: string
}

/** A number, or a percentage such as `25%`. */
export type IntOrPercent = number | string

/** `metav1.LabelSelector`, as far as it is read. */
export interface LabelSelector extends Record<string, unknown> {
  matchLabels?: Record<string, string>
}

/** A container of a pod spec, as far as it is read; other fields are kept. */
export interface ContainerSpec {
  name: string
  image: string
  restartPolicy?: string
  ports?: { name?: string; containerPort: number; protocol?: string }[]
  env?: unknown[]
  [key: string]: unknown
}

/** A toleration of a pod. */
export interface Toleration {
  key?: string
  operator?: string
  value?: string
  effect?: string
}

/** A taint of a node. */
export interface Taint {
  key: string
  value?: string
  effect: string
}

/** One alternative of a required node affinity: all its requirements must hold. */
export interface NodeSelectorTerm {
  matchExpressions?: { key: string; operator: string; values?: string[] }[]
  matchFields?: { key: string; operator: string; values?: string[] }[]
}

/** A pod spec, as far as it is read; other fields are kept. */
export interface PodSpec {
  containers: ContainerSpec[]
  initContainers?: ContainerSpec[]
  nodeName?: string
  nodeSelector?: Record<string, string>
  tolerations?: Toleration[]
  affinity?: {
    nodeAffinity?: { requiredDuringSchedulingIgnoredDuringExecution?: { nodeSelectorTerms?: NodeSelectorTerm[] } }
    [key: string]: unknown
  }
  schedulerName?: string
  schedulingGates?: unknown[]
  readinessGates?: { conditionType: string }[]
  restartPolicy?: string
  hostNetwork?: boolean
  hostname?: string
  subdomain?: string
  activeDeadlineSeconds?: number
  volumes?: { name: string; [key: string]: unknown }[]
  [key: string]: unknown
}

/** A pod template of a workload. */
export interface PodTemplate {
  metadata?: ObjectMeta
  spec: PodSpec
}

/** The state of a container: one of the three is set. */
export interface ContainerState {
  waiting?: { reason: string; message?: string }
  running?: { startedAt: string }
  terminated?: {
    exitCode: number
    reason: string
    startedAt: string
    finishedAt: string
    containerID?: string
  }
}

/** What a kubelet reports of a container. */
export interface ContainerStatus {
  name: string
  image: string
  imageID: string
  containerID?: string
  ready: boolean
  started: boolean
  restartCount: number
  state: ContainerState
  lastState: ContainerState
}

/** core/v1 Pod. */
export interface Pod extends KubeObject {
  spec: PodSpec
  status?: {
    phase?: string
    reason?: string
    podIP?: string
    startTime?: string
    conditions?: WorkloadCondition[]
    containerStatuses?: ContainerStatus[]
    initContainerStatuses?: ContainerStatus[]
    [key: string]: unknown
  }
}

/** apps/v1 ReplicaSet. */
export interface ReplicaSet extends KubeObject {
  spec: { replicas: number; minReadySeconds?: number; selector: LabelSelector; template: PodTemplate }
  status?: {
    replicas?: number
    fullyLabeledReplicas?: number
    readyReplicas?: number
    availableReplicas?: number
    observedGeneration?: number
    conditions?: WorkloadCondition[]
  }
}

/** apps/v1 Deployment. */
export interface Deployment extends KubeObject {
  spec: {
    replicas: number
    paused?: boolean
    minReadySeconds?: number
    progressDeadlineSeconds?: number
    revisionHistoryLimit?: number
    selector: LabelSelector
    strategy: { type?: string; rollingUpdate?: { maxSurge?: IntOrPercent; maxUnavailable?: IntOrPercent } }
    template: PodTemplate
  }
  status?: DeploymentStatus
}

/** The status of a Deployment; counts of zero are absent. */
export interface DeploymentStatus {
  observedGeneration?: number
  replicas?: number
  updatedReplicas?: number
  readyReplicas?: number
  availableReplicas?: number
  unavailableReplicas?: number
  collisionCount?: number
  conditions?: WorkloadCondition[]
}

/** apps/v1 ControllerRevision, with the data that StatefulSets and DaemonSets keep in it. */
export interface ControllerRevision extends KubeObject {
  revision: number
  data: { spec: { template: Record<string, unknown> } }
}

/** What keeps its history in ControllerRevisions: StatefulSets and DaemonSets. */
export interface RevisionedSet extends KubeObject {
  spec: {
    selector: LabelSelector
    template: PodTemplate
    minReadySeconds?: number
    revisionHistoryLimit?: number
  }
  status?: { collisionCount?: number }
}

/** apps/v1 StatefulSet. */
export interface StatefulSet extends RevisionedSet {
  spec: RevisionedSet['spec'] & {
    replicas: number
    serviceName?: string
    podManagementPolicy?: string
    ordinals?: { start?: number }
    updateStrategy?: { type?: string; rollingUpdate?: { partition?: number } }
    volumeClaimTemplates?: KubeObject[]
    persistentVolumeClaimRetentionPolicy?: { whenDeleted?: string; whenScaled?: string }
  }
  status?: StatefulSetStatus
}

/** The status of a StatefulSet; counts of zero are absent. */
export interface StatefulSetStatus {
  observedGeneration?: number
  replicas?: number
  readyReplicas?: number
  availableReplicas?: number
  currentReplicas?: number
  updatedReplicas?: number
  currentRevision?: string
  updateRevision?: string
  collisionCount?: number
}

/** apps/v1 DaemonSet. */
export interface DaemonSet extends RevisionedSet {
  spec: RevisionedSet['spec'] & {
    updateStrategy?: { type?: string; rollingUpdate?: { maxUnavailable?: IntOrPercent; maxSurge?: IntOrPercent } }
  }
  status?: Record<string, unknown> & { collisionCount?: number }
}

/** batch/v1 Job. */
export interface Job extends KubeObject {
  spec: {
    parallelism?: number
    completions?: number
    completionMode?: string
    backoffLimit?: number
    activeDeadlineSeconds?: number
    ttlSecondsAfterFinished?: number
    suspend?: boolean
    managedBy?: string
    selector: LabelSelector
    template: PodTemplate
  }
  status?: JobStatus
}

/** The status of a Job; counts of zero are absent. */
export interface JobStatus {
  active?: number
  ready?: number
  terminating?: number
  succeeded?: number
  failed?: number
  startTime?: string
  completionTime?: string
  completedIndexes?: string
  uncountedTerminatedPods?: { succeeded?: string[]; failed?: string[] }
  conditions?: WorkloadCondition[]
}

/** batch/v1 CronJob. */
export interface CronJob extends KubeObject {
  spec: {
    schedule: string
    timeZone?: string
    suspend?: boolean
    concurrencyPolicy?: string
    startingDeadlineSeconds?: number
    successfulJobsHistoryLimit?: number
    failedJobsHistoryLimit?: number
    jobTemplate: { metadata?: ObjectMeta; spec: Record<string, unknown> }
  }
  status?: { active?: unknown[]; lastScheduleTime?: string; lastSuccessfulTime?: string }
}

/** core/v1 Node. */
export interface Node extends KubeObject {
  spec?: { unschedulable?: boolean; taints?: Taint[] }
  status?: { conditions?: Condition[]; addresses?: { type: string; address: string }[] }
}

/** A port of a Service. */
export interface ServicePort {
  name?: string
  port: number
  protocol?: string
  appProtocol?: string
  targetPort?: number | string
}

/** core/v1 Service. */
export interface Service extends KubeObject {
  spec: {
    type?: string
    clusterIP?: string
    selector?: Record<string, string>
    ports?: ServicePort[]
    publishNotReadyAddresses?: boolean
  }
}

/** policy/v1 PodDisruptionBudget. */
export interface DisruptionBudget extends KubeObject {
  spec: { selector?: LabelSelector; minAvailable?: IntOrPercent; maxUnavailable?: IntOrPercent }
  status?: { conditions?: WorkloadCondition[]; [key: string]: unknown }
}

/** core/v1 PersistentVolumeClaim. */
export interface Claim extends KubeObject {
  spec: {
    volumeName?: string
    accessModes?: string[]
    storageClassName?: string
    volumeMode?: string
    resources?: { requests?: Record<string, string> }
  }
  status?: { phase?: string }
}

import { gvkOf } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'

/**
 * Order of kinds inside a stage (fluxcd/pkg ssa, sort.go): definitions, access and configuration before workloads,
 * webhooks last. Kinds that are not listed stand between, ordered by group, kind, namespace and name.
 */
const firstKinds = [
  'CustomResourceDefinition',
  'Namespace',
  'ClusterRole',
  'ClusterClass',
  'RuntimeClass',
  'PriorityClass',
  'StorageClass',
  'VolumeSnapshotClass',
  'IngressClass',
  'GatewayClass',
  'ClusterRoleBinding',
  'ResourceQuota',
  'ServiceAccount',
  'Role',
  'RoleBinding',
  'ConfigMap',
  'Secret',
  'Service',
  'LimitRange',
  'Deployment',
  'StatefulSet',
  'CronJob',
  'PodDisruptionBudget',
]
const lastKinds = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']
const ranks = new Map<string, number>([
  ...firstKinds.map((kind, at) => [kind, at] as const),
  ...lastKinds.map((kind, at) => [kind, 1000 + at] as const),
])

/** The place of a kind in the order; equal places may be applied side by side. */
export function kindRank(kind: string): number {
  return ranks.get(kind) ?? 500
}

/** Compares two objects by the order of application. */
export function compareForApply(a: KubeObject, b: KubeObject): number {
  return kindRank(a.kind) - kindRank(b.kind) || compareText(sortKey(a), sortKey(b))
}

function sortKey(object: KubeObject): string {
  const { group, kind } = gvkOf(object)
  return `${group}/${kind}/${object.metadata.namespace ?? ''}/${object.metadata.name ?? ''}`
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** One stage of an apply: all of it passes the dry run or none of it is applied. */
export interface Stage {
  readonly objects: readonly KubeObject[]
  /** Whether the next stage waits until these are established: later objects may be of the kinds that they define. */
  readonly waits: boolean
}

const definitionKinds = new Set(['CustomResourceDefinition', 'Namespace', 'ClusterRole'])

/** Splits objects into Flux's stages, each in order of application; empty stages are left out. */
export function stagesOf(objects: readonly KubeObject[]): Stage[] {
  const definitions: KubeObject[] = []
  const classes: KubeObject[] = []
  const rest: KubeObject[] = []
  for (const object of [...objects].sort(compareForApply)) {
    if (definitionKinds.has(object.kind)) definitions.push(object)
    else if (object.kind.endsWith('Class')) classes.push(object)
    else rest.push(object)
  }
  return [
    { objects: definitions, waits: true },
    { objects: classes, waits: true },
    { objects: rest, waits: false },
  ].filter(stage => stage.objects.length > 0)
}

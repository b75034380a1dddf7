import { isObject, valueAt } from '../base/json.ts'
import type { KubeClient } from '../kube/client/types.ts'
import type { KubeObject } from '../kube/object.ts'
import { type PodTrouble, podTrouble } from './pod-trouble.ts'

const podKind = { group: '', version: 'v1', kind: 'Pod' } as const
/** Kinds with a Pod template, and where it stands. */
const templates: Readonly<Record<string, string>> = {
  Deployment: 'spec.template.spec.',
  ReplicaSet: 'spec.template.spec.',
  StatefulSet: 'spec.template.spec.',
  DaemonSet: 'spec.template.spec.',
  Job: 'spec.template.spec.',
  Pod: 'spec.',
}

/** What is wrong with the Pods of a workload, the newest first; the field is one of the workload. */
export async function workloadTrouble(
  client: KubeClient,
  object: KubeObject,
  signal: AbortSignal,
): Promise<PodTrouble | undefined> {
  const prefix = Object.hasOwn(templates, object.kind) ? templates[object.kind] : undefined
  if (prefix === undefined) return undefined
  for (const pod of await podsOf(client, object, signal)) {
    const trouble = podTrouble(pod)
    if (trouble) return trouble.field === undefined ? trouble : { ...trouble, field: prefix + trouble.field }
  }
  return undefined
}

async function podsOf(client: KubeClient, object: KubeObject, signal: AbortSignal): Promise<KubeObject[]> {
  if (object.kind === 'Pod') return [object]
  const labels = valueAt(object, ['spec', 'selector', 'matchLabels'])
  if (!isObject(labels) || Object.keys(labels).length === 0) return []
  const labelSelector = Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
  const namespace = object.metadata.namespace ?? 'default'
  const { items } = await client.list(podKind, { namespace, labelSelector, signal })
  const created = (pod: KubeObject) => pod.metadata.creationTimestamp ?? ''
  return items.sort((a, b) => (created(a) < created(b) ? 1 : -1))
}

import { isObject, valueAt } from '../../base/json.ts'
import { fluxKindOf } from '../../fleet/flux-kinds.ts'
import { computeHealth } from '../../kube/health/index.ts'
import { refOf } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import { touchOf } from './touch.ts'
import type { Touch } from './types.ts'

/** What stays in memory of an object that something applied. */
export interface Standing {
  readonly status: string
  readonly message: string
  readonly touched?: Touch
}

const longestMessage = 600
const specFields = ['suspend', 'sourceRef', 'chartRef', 'chart', 'dependsOn', 'path', 'url', 'ref', 'interval', 'type']
const statusFields = [
  'conditions',
  'observedGeneration',
  'inventory',
  'artifact',
  'lastAppliedRevision',
  'lastAttemptedRevision',
  'helmChart',
]
const labelPrefixes = ['apps.sluice.dev/', 'kustomize.toolkit.fluxcd.io/', 'helm.toolkit.fluxcd.io/']

/**
 * Takes everything out of an object that the graph does not need, before it is kept: no spec, data or status of what was
 * applied stays in memory, so no Secret does either. Its health is worked out while the whole of it is at hand.
 */
export function slim(object: KubeObject): KubeObject {
  const { apiVersion, kind, metadata } = object
  const slimmed: KubeObject = { apiVersion, kind, metadata: slimMetadata(metadata) }
  if (fluxKindOf(refOf(object))) {
    slimmed['spec'] = picked(object['spec'], specFields)
    slimmed['elsewhere'] = valueAt(object, ['spec', 'kubeConfig']) !== undefined
    slimmed['status'] = picked(object['status'], statusFields)
  }
  slimmed['standing'] = standingOf(object)
  return slimmed
}

export const standing = (slimmed: KubeObject): Standing => slimmed['standing'] as Standing

function standingOf(object: KubeObject): Standing {
  const health = computeHealth(object, { jobs: 'flux' })
  const failure = valueAt(object, ['status', 'failureMessage'])
  const message = typeof failure === 'string' && failure !== '' ? failure : health.message
  const touched = touchOf(object)
  return { status: health.status, message: message.slice(0, longestMessage), ...(touched && { touched }) }
}

function slimMetadata(metadata: KubeObject['metadata']): KubeObject['metadata'] {
  const labels = Object.entries(metadata.labels ?? {}).filter(([key]) =>
    labelPrefixes.some(prefix => key.startsWith(prefix)),
  )
  const { name, namespace, uid, resourceVersion, generation, creationTimestamp, deletionTimestamp } = metadata
  return {
    ...(name === undefined ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...(generation === undefined ? {} : { generation }),
    ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    ...(labels.length === 0 ? {} : { labels: Object.fromEntries(labels) }),
  }
}

function picked(value: unknown, fields: readonly string[]): Record<string, unknown> {
  return isObject(value) ? Object.fromEntries(fields.filter(f => f in value).map(f => [f, value[f]])) : {}
}

/** An event, as far as it is shown. */
export function slimEvent(event: KubeObject): KubeObject {
  const fields = [
    'involvedObject',
    'reason',
    'message',
    'type',
    'count',
    'lastTimestamp',
    'eventTime',
    'firstTimestamp',
  ]
  const kept = picked(event, [...fields, 'source', 'reportingComponent'])
  if (typeof kept['message'] === 'string') kept['message'] = kept['message'].slice(0, 2000)
  return { apiVersion: event.apiVersion, kind: event.kind, metadata: slimMetadata(event.metadata), ...kept }
}

import { isObject } from '../../../../base/json.ts'
import type { KubeObject } from '../../../../kube/object.ts'
import type { ClusterState } from '../../cluster-state.ts'
import { recordKey, type StoredRecord } from '../../store/record.ts'
import { deleteObject } from '../../write/delete.ts'
import { spendDisruption } from '../../write/disruption.ts'
import { readWriteOptions } from '../../write/options.ts'
import { timestamp } from '../../write/timestamp.ts'
import { updateObject } from '../../write/update.ts'
import type { Answer, ResourceRequest } from '../request.ts'
import { badRequest, conflict, notFound, type StatusError } from '../status.ts'
import { readJsonOrProtobuf, writeRequestOf } from '../write-context.ts'

const created = {
  status: 201,
  json: '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success","code":201}',
} as const

/** Puts a pod on a node (`pods/NAME/binding`), as schedulers do. */
export async function bindingVerb(cluster: ClusterState, request: ResourceRequest): Promise<Answer> {
  const options = readWriteOptions('CreateOptions', request.query, request.http.headers['user-agent'])
  const body = await readJsonOrProtobuf(request, 'core/v1.Binding')
  const target = isObject(body) && isObject(body['target']) ? body['target'] : {}
  const { name: node } = target
  if (typeof node !== 'string' || node === '') throw badRequest('target.name is required')
  await updateObject(
    cluster,
    { ...writeRequestOf(request, options), trusted: true },
    {
      next: live => bound(live!, node, timestamp(cluster.clock.now())),
      managed: false,
      mayCreate: false,
      patch: true,
    },
  )
  return created
}

/** Deletes a pod if its disruption budget allows it (`pods/NAME/eviction`). */
export async function evictionVerb(cluster: ClusterState, request: ResourceRequest): Promise<Answer> {
  const body = await readJsonOrProtobuf(request, 'policy/v1.Eviction')
  const asked = isObject(body) && isObject(body['deleteOptions']) ? body['deleteOptions'] : {}
  const seconds = typeof asked['gracePeriodSeconds'] === 'number' ? asked['gracePeriodSeconds'] : undefined
  const options = readWriteOptions('CreateOptions', request.query, request.http.headers['user-agent'])
  const deletion = { dryRun: options.dryRun, gracePeriodSeconds: seconds, preconditions: {} }
  spendDisruption(cluster, podOf(cluster, request), options.dryRun)
  await deleteObject(cluster, writeRequestOf(request, options), deletion)
  return created
}

/**
 * The log of a pod (`pods/NAME/log`): no container ever runs here, and the refusal says so. A pod without a node has an
 * empty log, as it has on any API server.
 */
export function logVerb(cluster: ClusterState, request: ResourceRequest): undefined {
  const container = containerOf(cluster, request)
  if (container !== undefined) throw runsNothing(request, `has no log`, container)
  request.answer.statusCode = 204
  request.answer.end()
  return undefined
}

/** `pods/NAME/exec`, `attach`, `portforward` and `proxy`: there is no process to talk to. */
export function connectVerb(cluster: ClusterState, request: ResourceRequest): never {
  const container = containerOf(cluster, request)
  if (container === undefined) throw badRequest(`pod ${request.name} does not have a host assigned`)
  throw runsNothing(request, `cannot be reached through ${JSON.stringify(request.subresource)}`, container)
}

function runsNothing(request: ResourceRequest, what: string, container: string): StatusError {
  const name = container === '' ? '' : `container ${JSON.stringify(container)} in `
  return badRequest(`${name}pod ${JSON.stringify(request.name)} ${what}: the sandbox cluster runs no containers`)
}

/** The container that is asked for, '' when the pod has several and none is named; undefined while the pod has no node. */
function containerOf(cluster: ClusterState, request: ResourceRequest): string | undefined {
  const pod = podOf(cluster, request)
  const spec = isObject(pod.object['spec']) ? pod.object['spec'] : {}
  const container = request.query.get('container')
  const names = ['initContainers', 'containers', 'ephemeralContainers'].flatMap(key => namesIn(spec[key]))
  if (container !== null && !names.includes(container))
    throw badRequest(`container ${container} is not valid for pod ${request.name}`)
  if (!spec['nodeName']) return undefined
  return container ?? (names.length === 1 ? names[0]! : '')
}

function podOf(cluster: ClusterState, request: ResourceRequest): StoredRecord {
  const pod = cluster.store.collection('pods').get(recordKey(request.namespace, request.name))
  if (!pod) throw notFound({ group: '', resource: 'pods', name: request.name })
  return pod
}

function namesIn(list: unknown): string[] {
  return Array.isArray(list) ? list.filter(isObject).map(item => String(item['name'])) : []
}

function bound(pod: KubeObject, node: string, now: string): KubeObject {
  const spec = isObject(pod['spec']) ? pod['spec'] : {}
  const status = isObject(pod['status']) ? pod['status'] : {}
  if (spec['nodeName']) {
    const why = `pod ${pod.metadata.name} is already assigned to node ${JSON.stringify(spec['nodeName'])}`
    throw conflict({ group: '', resource: 'pods/binding', name: pod.metadata.name ?? '' }, why)
  }
  const scheduled = { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: now }
  const others = (Array.isArray(status['conditions']) ? status['conditions'] : []).filter(
    (condition: unknown) => !isObject(condition) || condition['type'] !== 'PodScheduled',
  )
  return { ...pod, spec: { ...spec, nodeName: node }, status: { ...status, conditions: [...others, scheduled] } }
}

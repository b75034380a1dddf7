import type { KubeObject } from '../../../kube/object.ts'
import { controllerReference } from '../shared/owners.ts'
import { isFinished, isReady } from '../shared/pods.ts'
import type { Pod, Service } from '../shared/types.ts'
import { isDeleting } from '../shared/world.ts'
import { type EndpointPort, portsFor } from './ports.ts'

/** The label of a slice that names its service. */
export const serviceNameLabel = 'kubernetes.io/service-name'
/** The label of a slice that names its keeper. */
export const managedByLabel = 'endpointslice.kubernetes.io/managed-by'
/** The keeper of the slices that are made here. */
export const managedBy = 'endpointslice-controller.k8s.io'
/** Most endpoints in one slice (`--max-endpoints-per-slice`). */
const sliceSize = 100

/** What a slice is to hold. */
export interface SliceContent {
  readonly ports: readonly EndpointPort[]
  readonly endpoints: readonly Record<string, unknown>[]
}

/** The slices that a service is to have: pods with the same ports together, in an order that does not change by chance. */
export function wantedSlices(service: Service, pods: readonly Pod[]): SliceContent[] {
  const groups = new Map<string, { ports: EndpointPort[]; endpoints: Record<string, unknown>[] }>()
  const placed = pods
    .filter(pod => pod.status?.podIP && !isFinished(pod))
    .sort((a, b) => (a.metadata.name ?? '').localeCompare(b.metadata.name ?? ''))
  for (const pod of placed) {
    const ports = portsFor(service, pod)
    const key = JSON.stringify(ports)
    let group = groups.get(key)
    if (!group) groups.set(key, (group = { ports, endpoints: [] }))
    group.endpoints.push(endpointOf(service, pod))
  }
  const slices: SliceContent[] = []
  for (const { ports, endpoints } of groups.values()) {
    for (let i = 0; i < endpoints.length; i += sliceSize)
      slices.push({ ports, endpoints: endpoints.slice(i, i + sliceSize) })
  }
  // A service without pods has one slice that says so.
  return slices.length > 0 ? slices : [{ ports: [], endpoints: [] }]
}

function endpointOf(service: Service, pod: Pod): Record<string, unknown> {
  const terminating = isDeleting(pod)
  const serving = isReady(pod)
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating)
  const { namespace, name, uid } = pod.metadata
  const named = pod.spec.hostname && pod.spec.subdomain === service.metadata.name
  return {
    addresses: [pod.status?.podIP],
    conditions: { ready, serving, terminating },
    ...(named ? { hostname: pod.spec.hostname } : {}),
    nodeName: pod.spec.nodeName,
    targetRef: { kind: 'Pod', namespace, name, uid },
  }
}

/** Whether a service has no address of its own. */
export function isHeadless(service: Service): boolean {
  return service.spec.clusterIP === 'None'
}

/** A new slice of a service. */
export function sliceOf(service: Service, content: SliceContent): KubeObject {
  const { name = '', namespace = '' } = service.metadata
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      generateName: `${name}-`,
      namespace,
      labels: {
        ...service.metadata.labels,
        [serviceNameLabel]: name,
        [managedByLabel]: managedBy,
        ...(isHeadless(service) ? { 'service.kubernetes.io/headless': '' } : {}),
      },
      ownerReferences: [controllerReference('Service', service)],
    },
    addressType: 'IPv4',
    ...content,
  }
}

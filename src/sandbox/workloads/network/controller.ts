import { jsonEqual } from '../../../base/json.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { keyOf, splitKey } from '../shared/owners.ts'
import type { Pod, Service } from '../shared/types.ts'
import { isDeleting, type World } from '../shared/world.ts'
import { endpointsOf } from './endpoints.ts'
import { managedBy, managedByLabel, type SliceContent, serviceNameLabel, sliceOf, wantedSlices } from './slices.ts'

/** Keeps EndpointSlices and Endpoints of services in line with the pods that they select. */
export function startEndpoints(world: World): void {
  const loop = world.loop('endpoints', async key => {
    const service = world.get('Service', ...splitKey(key))
    if (service) await reconcile(world, service)
    else await removeEndpoints(world, key)
  })
  world.each('Service', service => loop.ask(keyOf(service)))
  world.each('Pod', (pod, previous) => {
    if (previous && samePlace(pod, previous)) return
    for (const service of world.list('Service', pod.metadata.namespace)) {
      if (selectsPod(service, pod) || (previous && selectsPod(service, previous))) loop.ask(keyOf(service))
    }
  })
  const askService = (object: KubeObject) => {
    const name = object.kind === 'Endpoints' ? object.metadata.name : object.metadata.labels?.[serviceNameLabel]
    if (name !== undefined) loop.ask(`${object.metadata.namespace ?? ''}/${name}`)
  }
  world.each('EndpointSlice', askService)
  world.each('Endpoints', askService)
}

/** Whether a pod is to its services what it was before: most writes to pods change nothing for them. */
function samePlace(pod: Pod, previous: Pod): boolean {
  const view = ({ metadata, spec, status }: Pod) => [
    metadata.labels,
    metadata.deletionTimestamp,
    spec.nodeName,
    status?.podIP,
    status?.phase,
    status?.conditions?.find(one => one.type === 'Ready')?.status,
  ]
  return jsonEqual(view(pod), view(previous))
}

function selectsPod({ spec }: Service, pod: Pod): boolean {
  const selector = Object.entries(spec.selector ?? {})
  return selector.length > 0 && selector.every(([key, value]) => pod.metadata.labels?.[key] === value)
}

async function reconcile(world: World, service: Service): Promise<void> {
  // Without a selector somebody else keeps the endpoints; an ExternalName has none.
  if (isDeleting(service) || service.spec.type === 'ExternalName' || !service.spec.selector) return
  const { namespace = '', name = '' } = service.metadata
  const pods = world.list('Pod', namespace).filter(pod => selectsPod(service, pod))
  const wanted = wantedSlices(service, pods)
  const existing = world
    .owned('EndpointSlice')
    .of(service)
    .filter(
      ({ metadata }) => metadata.labels?.[managedByLabel] === managedBy && metadata.labels[serviceNameLabel] === name,
    )
  await Promise.all([
    followSlices(world, service, wanted, existing),
    followEndpoints(world, endpointsOf(service, wanted), world.get('Endpoints', namespace, name)),
  ])
}

async function followSlices(
  world: World,
  service: Service,
  wanted: readonly SliceContent[],
  existing: readonly KubeObject[],
): Promise<void> {
  const left = [...existing].sort((a, b) => (a.metadata.name ?? '').localeCompare(b.metadata.name ?? ''))
  const work: Promise<unknown>[] = []
  for (const content of wanted) {
    const slice = left.shift()
    if (!slice) work.push(world.write.create(sliceOf(service, content)))
    else if (
      !jsonEqual(slice['endpoints'] ?? [], content.endpoints) ||
      !jsonEqual(slice['ports'] ?? [], content.ports)
    ) {
      work.push(world.write.patch(slice, { ...content }))
    }
  }
  work.push(...left.map(slice => world.write.delete(slice)))
  await Promise.all(work)
}

async function followEndpoints(world: World, wanted: KubeObject, existing: KubeObject | undefined): Promise<void> {
  if (!existing) await world.write.create(wanted)
  else if (!jsonEqual(existing['subsets'], wanted['subsets'])) {
    await world.write.patch(existing, { subsets: wanted['subsets'] ?? null })
  }
}

/** Endpoints have no owner: those of a service that is gone are removed by name, when this controller made them. */
async function removeEndpoints(world: World, key: string): Promise<void> {
  const endpoints = world.get('Endpoints', ...splitKey(key))
  const labels = endpoints?.metadata.labels ?? {}
  if (endpoints && labels['endpoints.kubernetes.io/managed-by'] === 'endpoint-controller') {
    await world.write.delete(endpoints)
  }
}

import { valueAt } from '../../base/json.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import {
  fluxControllersSelector,
  isAtRest,
  isFluxController,
  keepsEngineAway,
  switchAnnotation,
} from '../../kube/flux-controllers.ts'
import { formatRef, type ObjectRef } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'

/** Which engine acts on a cluster, as the cluster tells. */
export interface EngineStanding {
  /** The engine that acts; undefined when none does. */
  readonly acts: 'flux' | 'sluice' | undefined
  /** A change of the engine that was begun and has not ended. */
  readonly change?: { readonly to: string; readonly root: ObjectRef }
  /** A controller of Flux that has no pods and was not handed over, so that no engine of Sluice acts in its place. */
  readonly resting?: ObjectRef
}

const deployments = { group: 'apps', version: 'v1', kind: 'Deployment' } as const
const leases = { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease' } as const
const kustomizations = { group: 'kustomize.toolkit.fluxcd.io', version: 'v1', kind: 'Kustomization' } as const

/** How far the clock of an engine may be off from ours before it is taken for dead. */
const skewMs = 5000

/** Looks at Flux's controllers, the Leases of Sluice's engines and the marks of a change. Reads only. */
export async function engineStanding(client: KubeClient, now: Date, signal: AbortSignal): Promise<EngineStanding> {
  const served = await client.resourceFor(kustomizations, { signal })
  const [controllers, held, roots] = await Promise.all([
    client.list(deployments, { labelSelector: fluxControllersSelector, signal }),
    client.list(leases, { namespace: 'kube-system', signal }),
    served === undefined ? { items: [] } : client.list(kustomizations, { signal }),
  ])
  const flux = controllers.items.filter(isFluxController)
  // Without this one nothing is applied, whichever others run.
  const applies = flux.some(one => isKustomizeController(one) && !isAtRest(one))
  const resting = flux.find(one => isAtRest(one) && keepsEngineAway(one))
  const root = roots.items.find(one => one.metadata.annotations?.[switchAnnotation] !== undefined)
  const to = root?.metadata.annotations?.[switchAnnotation]
  const ours = held.items.some(lease => holds(lease, now))
  return {
    acts: applies ? 'flux' : ours ? 'sluice' : undefined,
    ...(root === undefined || to === undefined ? {} : { change: { to, root: { ...kustomizations, ...nameOf(root) } } }),
    ...(resting === undefined ? {} : { resting: { ...deployments, ...nameOf(resting) } }),
  }
}

/** What a person has to know before a state of this cluster is believed, with the next step; undefined when all is well. */
export function standingWarning({ acts, change, resting }: EngineStanding): string | undefined {
  const names = { flux: 'Flux', sluice: 'Sluice' }
  if (change !== undefined) {
    const to = change.to === 'flux' ? 'flux' : 'sluice'
    return (
      `the change of the engine to ${names[to]} has not ended: ${formatRef(change.root)} is held, and ` +
      `${acts === undefined ? 'no engine acts on this cluster, so what is shown as ready may be old' : `${names[acts]} acts on the rest`}. ` +
      `Unless that command is at work, go on with it: sluice engine switch --to ${to}; or turn back: ` +
      `sluice engine switch --to ${to === 'flux' ? 'sluice' : 'flux'}`
    )
  }
  if (acts !== undefined || resting === undefined) return undefined
  return (
    `no engine acts on this cluster, so what is shown as ready may be old: ${formatRef(resting)} has 0 replicas and was not ` +
    'handed over to Sluice. Scale the controllers of Flux up again, or change the engine: sluice engine switch --to sluice'
  )
}

function isKustomizeController({ metadata }: KubeObject): boolean {
  return [metadata.name, metadata.labels?.['app.kubernetes.io/component']].includes('kustomize-controller')
}

function holds(lease: KubeObject, now: Date): boolean {
  const { name = '' } = lease.metadata
  if (name !== 'sluice-engine' && !name.startsWith('sluice-engine-')) return false
  if (!valueAt(lease, ['spec', 'holderIdentity'])) return false
  const renewed = Date.parse(String(valueAt(lease, ['spec', 'renewTime'])))
  const seconds = Number(valueAt(lease, ['spec', 'leaseDurationSeconds']) ?? 15)
  return now.getTime() - renewed < seconds * 1000 + skewMs
}

function nameOf({ metadata }: KubeObject): Pick<ObjectRef, 'namespace' | 'name'> {
  return { namespace: metadata.namespace ?? '', name: metadata.name ?? '' }
}

import { SluiceError } from '../../base/errors/index.ts'
import { valueAt } from '../../base/json.ts'
import { formatRef, refOf } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import { createInformer, type Informer, type LookAgain, until } from '../../kube/watch/index.ts'
import { deploymentKind, rolloutAwaited } from '../rollout.ts'
import type { BootstrapContext, StepId } from '../types.ts'
import { nameOf } from './check.ts'
import type { EngineName } from './facts.ts'

/** A Lease of the engine of Sluice, whichever shard it is for. */
export function isEngineLease({ metadata }: KubeObject): boolean {
  return metadata.name === 'sluice-engine' || metadata.name?.startsWith('sluice-engine-') === true
}

export const leaseKind = { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease' } as const
const replicaSetKind = { group: 'apps', version: 'v1', kind: 'ReplicaSet' } as const
const podKind = { group: '', version: 'v1', kind: 'Pod' } as const

/** Who holds a Lease; undefined when it was given back. */
export function holderOf(lease: KubeObject): string | undefined {
  const holder = valueAt(lease, ['spec', 'holderIdentity'])
  return typeof holder === 'string' && holder !== '' ? holder : undefined
}

/** A Lease of a controller of Flux, which its pods elect their leader by. */
function isFluxLease({ metadata }: KubeObject, namespace: string): boolean {
  return metadata.namespace === namespace && metadata.name?.endsWith('-leader-election') === true
}

/**
 * Waits until an engine may not write any more: each of its Leases was given back, or was not renewed for as long as it is
 * good for, so that a pod on a node that nobody hears of counts, too. That is judged by our own clock: clocks need not agree.
 */
export async function waitLeasesFree(context: BootstrapContext, of: EngineName): Promise<void> {
  const { namespace } = context.fleet
  const isTheirs = (lease: KubeObject) => (of === 'sluice' ? isEngineLease(lease) : isFluxLease(lease, namespace))
  const leases = createInformer(context.client, leaseKind, {}, context)
  const seen = new Map<string, { readonly record: string; readonly at: number }>()
  const waiting = (again?: LookAgain): string | undefined => {
    for (const lease of leases.list()) {
      if (!isTheirs(lease) || holderOf(lease) === undefined) continue
      const name = formatRef(refOf(lease))
      const record = JSON.stringify(lease['spec'])
      const now = context.clock.monotonic()
      if (seen.get(name)?.record !== record) seen.set(name, { record, at: now })
      const seconds = Number(valueAt(lease, ['spec', 'leaseDurationSeconds']) ?? 15)
      const left = (seen.get(name)?.at ?? now) + seconds * 1000 + 500 - now
      if (left <= 0) continue
      again?.(left)
      return `${nameOf(of)} to stop (${name} is held by ${holderOf(lease)})`
    }
    return undefined
  }
  await waitFor(context, 'stop', [leases], waiting)
}

/**
 * Waits until Deployments that were scaled to 0 have no pods and get none any more. That no pod is there says nothing while
 * a controller of Kubernetes still works on an older wish: one that was started a moment ago could get its pod after we
 * looked. So each is asked in the order in which wishes are passed on, with a list of its own: the Deployment, its
 * ReplicaSets, their pods; terminating ones count.
 */
export async function waitAtRest(context: BootstrapContext, deployments: readonly KubeObject[]): Promise<void> {
  const { namespace } = context.fleet
  const uids = new Set(deployments.map(({ metadata }) => metadata.uid))
  const first = createInformer(context.client, deploymentKind, { namespace }, context)
  await waitFor(context, 'stop', [first], () => {
    const busy = first.list().find(one => uids.has(one.metadata.uid) && !isSeen(one))
    return busy && `Deployment ${busy.metadata.name} to be scaled down`
  })
  const sets = createInformer(context.client, replicaSetKind, { namespace }, context)
  await waitFor(context, 'stop', [sets], () => {
    const busy = sets
      .list()
      .filter(({ metadata }) =>
        metadata.ownerReferences?.some(owner => owner.controller === true && uids.has(owner.uid)),
      )
      .find(
        one => !isSeen(one) || valueAt(one, ['spec', 'replicas']) !== 0 || valueAt(one, ['status', 'replicas']) !== 0,
      )
    return busy && `ReplicaSet ${busy.metadata.name} to be scaled down`
  })
  const pods = createInformer(context.client, podKind, { namespace }, context)
  const selectors = deployments.map(one => valueAt(one, ['spec', 'selector', 'matchLabels']) as Record<string, string>)
  await waitFor(context, 'stop', [pods], () => {
    const left = pods
      .list()
      .find(pod =>
        selectors.some(selector =>
          Object.entries(selector ?? {}).every(([key, value]) => pod.metadata.labels?.[key] === value),
        ),
      )
    return left && `the pod ${left.metadata.name} to end`
  })
}

/** Whether the controller of an object has seen what is asked for now. */
function isSeen(object: KubeObject): boolean {
  return Number(valueAt(object, ['status', 'observedGeneration']) ?? 0) >= (object.metadata.generation ?? 0)
}

/** Waits until Deployments are rolled out. */
export async function waitRolledOut(context: BootstrapContext, names: readonly string[]): Promise<void> {
  const { namespace } = context.fleet
  const deployments = createInformer(context.client, deploymentKind, { namespace }, context)
  await waitFor(context, 'start', [deployments], () =>
    rolloutAwaited(names.map(name => [name, deployments.get(namespace, name)])),
  )
}

async function waitFor(
  context: BootstrapContext,
  step: StepId,
  informers: readonly Informer[],
  awaited: (again?: LookAgain) => string | undefined,
): Promise<void> {
  const { signal, timeoutMs } = context
  let said: string | undefined
  const look = (again: LookAgain): true | undefined => {
    // A list that is not there yet shows nothing, which is not the same as nothing being there.
    if (!informers.every(informer => informer.hasSynced)) {
      again(20)
      return undefined
    }
    const waiting = awaited(again)
    if (waiting === undefined) return true
    if (waiting !== said) context.onEvent?.({ type: 'step-progress', step, text: `waiting for ${waiting}` })
    said = waiting
    return undefined
  }
  const onTimeout = () =>
    new SluiceError('E_ENGINE_SWITCH_WAITS', { seen: `still waiting for ${awaited() ?? 'the API server'}` })
  try {
    await until(informers, look, { signal, timeoutMs, onTimeout })
  } finally {
    for (const informer of informers) informer.stop()
  }
}

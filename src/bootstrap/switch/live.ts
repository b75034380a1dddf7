import { valueAt } from '../../base/json.ts'
import {
  fluxControllersSelector,
  handedOverAnnotation,
  isFluxController,
  switchAnnotation,
} from '../../kube/flux-controllers.ts'
import type { KubeObject } from '../../kube/object.ts'
import { deploymentKind } from '../rollout.ts'
import type { BootstrapContext } from '../types.ts'

type Needed = Pick<BootstrapContext, 'client' | 'fleet' | 'signal'>

export const kustomizationKind = { group: 'kustomize.toolkit.fluxcd.io', version: 'v1', kind: 'Kustomization' } as const
export const gitRepositoryKind = { group: 'source.toolkit.fluxcd.io', version: 'v1', kind: 'GitRepository' } as const

export function rootRef({ fleet }: Pick<Needed, 'fleet'>) {
  return { ...kustomizationKind, namespace: fleet.namespace, name: fleet.namespace }
}

/** The root Kustomization: whether it is suspended, and by which switch. */
export async function readRoot(context: Needed): Promise<{
  readonly suspended: boolean
  readonly switchingTo: string | undefined
}> {
  const root = await context.client.get(rootRef(context), { signal: context.signal })
  return {
    suspended: valueAt(root, ['spec', 'suspend']) === true,
    switchingTo: root.metadata.annotations?.[switchAnnotation],
  }
}

/** Controllers of Flux in the cluster: of this fleet's namespace, and of others. */
export async function readControllers({ client, fleet, signal }: Needed): Promise<{
  readonly here: readonly KubeObject[]
  readonly elsewhere: readonly KubeObject[]
}> {
  const { items } = await client.list(deploymentKind, { labelSelector: fluxControllersSelector, signal })
  const here = items.filter(object => object.metadata.namespace === fleet.namespace && isPartOfFlux(object))
  const elsewhere = items.filter(object => object.metadata.namespace !== fleet.namespace && isFluxController(object))
  return { here, elsewhere }
}

/** All controllers that `flux install` makes, those of images included. */
function isPartOfFlux(object: KubeObject): boolean {
  const { component, name } = {
    component: object.metadata.labels?.['app.kubernetes.io/component'] ?? '',
    name: object.metadata.name ?? '',
  }
  return (
    isFluxController(object) || [component, name].some(word => /^(image-[a-z]+-controller|source-watcher)$/.test(word))
  )
}

export function isHandedOver(object: KubeObject): boolean {
  return object.metadata.annotations?.[handedOverAnnotation] !== undefined
}

/** Whether a controller is meant to have pods. */
export function isAwake(object: KubeObject): boolean {
  return valueAt(object, ['spec', 'replicas']) !== 0
}

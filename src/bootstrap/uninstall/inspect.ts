import { SluiceError } from '../../base/errors/index.ts'
import { valueAt } from '../../base/json.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import { fluxControllersSelector, isFluxController } from '../../kube/flux-controllers.ts'
import { formatRef, refOf } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import { fluxKinds } from '../../specs/index.ts'
import { foreignIn } from './foreign.ts'

export interface UninstallOptions {
  readonly client: KubeClient
  /** Namespace of the engine. */
  readonly namespace: string
  /** Whether the namespace stays. */
  readonly keepNamespace: boolean
  readonly signal: AbortSignal
}

/** What an uninstall finds, and so what it takes away. Everything else stays as it is. */
export interface Installed {
  readonly deployments: readonly KubeObject[]
  /** What gives the engine its rights and its network. */
  readonly parts: readonly KubeObject[]
  /** Objects of Flux's kinds that hold a finalizer of the engine: they lose it, so that nothing is pruned with them. */
  readonly held: readonly KubeObject[]
  /** All objects of Flux's kinds: they go with their definitions. */
  readonly objects: readonly KubeObject[]
  readonly definitions: readonly KubeObject[]
  /** Undefined when it is not there, not ours, or stays. */
  readonly namespace: KubeObject | undefined
  /** What stays, and why. */
  readonly notes: readonly string[]
}

/** Kinds of which our components have objects, in the order in which they go. */
const partKinds = [
  ['policy', 'v1', 'PodDisruptionBudget'],
  ['', 'v1', 'ResourceQuota'],
  ['networking.k8s.io', 'v1', 'NetworkPolicy'],
  ['', 'v1', 'Service'],
  ['rbac.authorization.k8s.io', 'v1', 'RoleBinding'],
  ['rbac.authorization.k8s.io', 'v1', 'Role'],
  ['rbac.authorization.k8s.io', 'v1', 'ClusterRoleBinding'],
  ['rbac.authorization.k8s.io', 'v1', 'ClusterRole'],
  ['', 'v1', 'ServiceAccount'],
] as const

/** What our objects carry; see engineLabels in src/layout. */
export const oursSelector = (namespace: string): string =>
  `app.kubernetes.io/managed-by=sluice,app.kubernetes.io/part-of=sluice,app.kubernetes.io/instance=${namespace}`

export const finalizer = 'finalizers.fluxcd.io'

/**
 * Looks what of Sluice is in a cluster; reads only.
 *
 * @throws E_UNINSTALL_FLUX when real Flux runs there
 */
export async function inspectInstalled(options: UninstallOptions): Promise<Installed> {
  const { client, namespace, keepNamespace, signal } = options
  const list = async (group: string, version: string, kind: string, labelSelector?: string) => {
    const ref = { group, version, kind }
    if ((await client.resourceFor(ref, { signal })) === undefined) return []
    return (await client.list(ref, { signal, ...(labelSelector === undefined ? {} : { labelSelector }) })).items
  }
  const [flux] = (await list('apps', 'v1', 'Deployment', fluxControllersSelector)).filter(isFluxController)
  if (flux) {
    throw new SluiceError('E_UNINSTALL_FLUX', { object: formatRef(refOf(flux)) })
  }
  const ours = oursSelector(namespace)
  const deployments = await list('apps', 'v1', 'Deployment', ours)
  const parts = (await Promise.all(partKinds.map(([group, version, kind]) => list(group, version, kind, ours)))).flat()
  const kinds = new Map(fluxKinds.map(kind => [`${kind.plural}.${kind.group}`, kind]))
  const installed = (await list('apiextensions.k8s.io', 'v1', 'CustomResourceDefinition')).filter(crd =>
    kinds.has(crd.metadata.name ?? ''),
  )
  const isOurs = ({ metadata: { labels = {} } }: KubeObject) =>
    labels['app.kubernetes.io/part-of'] === 'flux' && labels['app.kubernetes.io/instance'] === namespace
  const definitions = installed.filter(isOurs)
  const notes = installed
    .filter(crd => !isOurs(crd))
    .map(crd => `the definition ${crd.metadata.name} stays: another installation owns it`)
  const objects = (
    await Promise.all(
      definitions.map(crd => {
        const { group, version, kind } = kinds.get(crd.metadata.name ?? '')!
        return list(group, version, kind)
      }),
    )
  ).flat()
  const ref = { group: '', version: 'v1', kind: 'Namespace', namespace: '', name: namespace }
  const found = await client.find(ref, { signal })
  const going = await namespaceThatGoes(options, found, isOurs, objects, notes, keepNamespace)
  return {
    deployments,
    parts,
    objects,
    held: objects.filter(object => object.metadata.finalizers?.includes(finalizer)),
    definitions,
    namespace: going,
    notes,
  }
}

async function namespaceThatGoes(
  { client, namespace, signal }: UninstallOptions,
  found: KubeObject | undefined,
  isOurs: (object: KubeObject) => boolean,
  objects: readonly KubeObject[],
  notes: string[],
  keep: boolean,
): Promise<KubeObject | undefined> {
  if (found === undefined) return undefined
  const stays = (why: string) => {
    notes.push(`the namespace ${namespace} stays: ${why}`)
    return undefined
  }
  if (keep) return stays('--keep-namespace')
  if (!isOurs(found)) return stays('Sluice did not make it')
  const secrets = objects
    .filter(object => object.kind === 'GitRepository' && object.metadata.namespace === namespace)
    .map(object => valueAt(object, ['spec', 'secretRef', 'name']))
  const foreign = await foreignIn(client, namespace, new Set(['flux-system', ...secrets.map(String)]), signal)
  if (foreign.length === 0) return found
  return stays(`it holds ${foreign.slice(0, 5).join(', ')}${foreign.length > 5 ? ', …' : ''}`)
}

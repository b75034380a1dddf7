import type { KubeClient } from '../../kube/client/types.ts'
import { type ObjectRef, parseApiVersion, refOf } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { Receiver } from '../../specs/flux/receiver.ts'
import { notificationManager, requestedAtAnnotation } from '../contract.ts'
import { BoundedExpression } from '../expression.ts'

export type ReceiverResource = Receiver['spec']['resources'][number]

/** API versions of Flux's kinds, for references that say none. */
const apiVersions: Readonly<Record<string, string>> = {
  Bucket: 'source.toolkit.fluxcd.io/v1',
  GitRepository: 'source.toolkit.fluxcd.io/v1',
  HelmChart: 'source.toolkit.fluxcd.io/v1',
  HelmRepository: 'source.toolkit.fluxcd.io/v1',
  OCIRepository: 'source.toolkit.fluxcd.io/v1',
  ExternalArtifact: 'source.toolkit.fluxcd.io/v1',
  Kustomization: 'kustomize.toolkit.fluxcd.io/v1',
  HelmRelease: 'helm.toolkit.fluxcd.io/v2',
  ImageRepository: 'image.toolkit.fluxcd.io/v1',
  ImagePolicy: 'image.toolkit.fluxcd.io/v1',
  ImageUpdateAutomation: 'image.toolkit.fluxcd.io/v1',
  ArtifactGenerator: 'source.extensions.fluxcd.io/v1beta1',
}

/** The filters of a Receiver, compiled once. */
export interface Filters {
  readonly common: BoundedExpression | undefined
  readonly own: ReadonlyMap<ReceiverResource, BoundedExpression>
}

/** Compiles `spec.resourceFilter` and the filters of its resources. Throws an Error that names the field. */
export function compileFilters({ type, resourceFilter, resources }: Receiver['spec']): Filters {
  const names = type === 'generic-oidc' ? ['res', 'req', 'claims'] : ['res', 'req']
  const compile = (text: string, field: string): BoundedExpression => {
    try {
      return new BoundedExpression(text, names)
    } catch (error) {
      throw new Error(
        `${field}: failed to parse the CEL expression ${JSON.stringify(text.slice(0, 500))}: ${(error as Error).message}`,
      )
    }
  }
  const own = new Map<ReceiverResource, BoundedExpression>()
  resources.forEach((resource, index) => {
    if (resource.filter) own.set(resource, compile(resource.filter, `spec.resources[${index}].filter`))
  })
  return { common: resourceFilter ? compile(resourceFilter, 'spec.resourceFilter') : undefined, own }
}

/** Objects that a reference stands for. Throws an Error when it cannot be followed. */
export async function findTargets(
  client: KubeClient,
  receiver: Receiver,
  resource: ReceiverResource,
  crossNamespace: boolean,
  signal: AbortSignal,
): Promise<KubeObject[]> {
  const own = receiver.metadata.namespace ?? ''
  const { kind, name, matchLabels } = resource
  const namespace = resource.namespace || own
  if (namespace !== own && !crossNamespace) {
    throw new Error(`can't access '${kind}/${namespace}/${name}', cross-namespace references have been blocked`)
  }
  const apiVersion = resource.apiVersion || apiVersions[kind]
  if (apiVersion === undefined) throw new Error(`apiVersion must be specified for kind '${kind}'`)
  const type = { ...parseApiVersion(apiVersion), kind }
  const call = { signal, timeoutMs: 10_000 }
  if (name !== '*') return [await client.get({ ...type, namespace, name }, call)]
  if (matchLabels === undefined || Object.keys(matchLabels).length === 0) {
    throw new Error("matchLabels field not set when using wildcard '*' as name")
  }
  const labelSelector = Object.entries(matchLabels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
  const { items } = await client.list(type, { ...call, namespace, labelSelector })
  return items.map(item => ({ ...item, apiVersion, kind }))
}

/** Whether the filters let an object through for one of the calls. */
export function isWanted(
  filters: Filters,
  resource: ReceiverResource,
  object: KubeObject,
  calls: readonly { readonly req: unknown; readonly claims: unknown }[],
): boolean {
  const { common } = filters
  const own = filters.own.get(resource)
  if (common === undefined && own === undefined) return true
  const { apiVersion, kind, metadata } = object
  const res = { apiVersion, kind, metadata }
  return calls.some(call => (common?.boolean({ res, ...call }) ?? true) && (own?.boolean({ res, ...call }) ?? true))
}

/** Asks for a reconcile of an object now. */
export async function annotate(client: KubeClient, object: KubeObject, at: Date, signal: AbortSignal): Promise<void> {
  const ref: ObjectRef = refOf(object)
  const patch = { metadata: { annotations: { [requestedAtAnnotation]: at.toISOString() } } }
  await client.patch(ref, 'merge', patch, { fieldManager: notificationManager, signal, timeoutMs: 10_000 })
}

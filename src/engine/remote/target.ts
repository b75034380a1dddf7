import type { KubeClient } from '../../kube/client/types.ts'
import type { Kustomization } from '../../specs/flux/kustomization.ts'
import type { EngineContext } from '../context.ts'
import { StepFailure } from '../failure.ts'
import type { ReadVariables } from '../kustomization/variables.ts'
import type { LiveObjects } from '../live/live-objects.ts'
import type { ObjectWatches } from '../live/object-watches.ts'

/** The cluster that a Kustomization's objects are in, with what the engine knows of it. */
export interface Target {
  readonly client: KubeClient
  readonly live: LiveObjects
  readonly watches: ObjectWatches
}

interface ClusterChoice {
  readonly spec: { readonly kubeConfig?: { readonly secretRef?: { readonly name: string; readonly key?: string } } }
}

/** Equal for Kustomizations and HelmReleases whose objects are in the same cluster, as far as their specs tell. */
export function clusterKeyOf({ metadata, spec }: Pick<Kustomization, 'metadata'> & ClusterChoice): string {
  const ref = spec.kubeConfig?.secretRef
  return ref === undefined ? '' : `${metadata.namespace}/${ref.name}/${ref.key ?? ''}`
}

/** The cluster of `spec.kubeConfig`, or the engine's own. The kubeconfig is read afresh, so a rotated one is used at once. */
export async function targetOf(engine: EngineContext, object: Kustomization, read: ReadVariables): Promise<Target> {
  const user = `${object.metadata.namespace}/${object.metadata.name}`
  const ref = object.spec.kubeConfig?.secretRef
  if (ref === undefined) {
    engine.remotes.release(user)
    return engine
  }
  const where = `kubeconfig secret '${object.metadata.namespace}/${ref.name}'`
  const secret = await read('Secret', ref.name)
  if (secret === undefined) {
    throw new StepFailure(
      'ReconciliationFailed',
      `failed to build kube client: ${where}: secrets "${ref.name}" not found`,
    )
  }
  const data = (secret['data'] ?? {}) as Record<string, string>
  const keys = ref.key ? [ref.key] : ['value', 'value.yaml']
  const key = keys.find(name => data[name] !== undefined)
  if (key === undefined) {
    throw new StepFailure(
      'ReconciliationFailed',
      `failed to build kube client: ${where} does not contain a '${keys.join("' or '")}' key with a kubeconfig`,
    )
  }
  return engine.remotes.acquire(user, Buffer.from(data[key] ?? '', 'base64').toString('utf8'), `${where} key '${key}'`)
}

import type { FluxManifests } from '../flux/index.ts'
import { computeHealth } from '../kube/health/index.ts'
import type { KubeObject } from '../kube/object.ts'

export const deploymentKind = { group: 'apps', version: 'v1', kind: 'Deployment' } as const

/** Names of the Deployments that run Flux. */
export function controllersOf({ objects }: Pick<FluxManifests, 'objects'>): string[] {
  return objects.filter(object => object.kind === 'Deployment').map(object => object.metadata.name ?? '')
}

/** The first Deployment that is not rolled out, and why; undefined when all are. */
export function rolloutAwaited(
  deployments: readonly (readonly [name: string, object: KubeObject | undefined])[],
): string | undefined {
  for (const [name, object] of deployments) {
    const { status, message } = computeHealth(object)
    if (status !== 'Current') return `Deployment ${name} to roll out (${message || status})`
  }
  return undefined
}

import { valueAt } from '../base/json.ts'
import type { KubeObject } from './object.ts'

/** Labels that `flux install` puts on what it installs. */
export const fluxControllersSelector = 'app.kubernetes.io/part-of=flux'

/**
 * Put on a Flux controller that was put to rest for good, once its pods are gone: from then on it no longer keeps the
 * engine of Sluice from acting.
 */
export const handedOverAnnotation = 'sluice.dev/handed-over'

/** On the root Kustomization while the engine of its fleet is changed; its value is the engine that comes. */
export const switchAnnotation = 'sluice.dev/engine-switch'

/** The controllers that act on the objects that the engine of Sluice serves. */
const acting = ['source-controller', 'kustomize-controller', 'helm-controller', 'notification-controller']

/** Whether a Deployment is a controller of real Flux that serves what the engine of Sluice serves. */
export function isFluxController({ metadata }: KubeObject): boolean {
  const labels = metadata.labels ?? {}
  return (
    labels['app.kubernetes.io/part-of'] === 'flux' &&
    (acting.includes(labels['app.kubernetes.io/component'] ?? '') || acting.includes(metadata.name ?? ''))
  )
}

/**
 * Whether a controller of Flux keeps the engine of Sluice from acting: it is installed, also when it has no pods now, and
 * was not handed over. One that was handed over and is scaled up again counts again.
 */
export function keepsEngineAway(deployment: KubeObject): boolean {
  if (!isFluxController(deployment)) return false
  return !(isAtRest(deployment) && deployment.metadata.annotations?.[handedOverAnnotation] !== undefined)
}

/** Whether a Deployment was scaled to 0 and has no pods left, as far as its status tells. */
export function isAtRest(deployment: KubeObject): boolean {
  return valueAt(deployment, ['spec', 'replicas']) === 0 && !valueAt(deployment, ['status', 'replicas'])
}

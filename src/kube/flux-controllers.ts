import { valueAt } from '../base/json.ts'
import type { KubeObject } from './object.ts'

/** Labels that `flux install` puts on what it installs. */
export const fluxControllersSelector = 'app.kubernetes.io/part-of=flux'

/**
 * Put on a Flux controller that was put to rest for good, once its pods are gone: from then on it no longer keeps the
 * engine of Sluice from acting.
 */
export const handedOverAnnotation = 'sluice.dev/handed-over'

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
  const atRest = valueAt(deployment, ['spec', 'replicas']) === 0 && !valueAt(deployment, ['status', 'replicas'])
  return !(atRest && deployment.metadata.annotations?.[handedOverAnnotation] !== undefined)
}

/** Names of Flux's helm-controller that other programs rely on, letter for letter (helm v2). */
export const helmGroup = 'helm.toolkit.fluxcd.io'
export const helmReleaseKind = { group: helmGroup, version: 'v2', kind: 'HelmRelease' } as const

/** Owner of the status, of the finalizer, of applied fields and of what helm itself writes. */
export const helmManager = 'helm-controller'
export const storageManager = 'helm-controller'

/** Labels on each object of a release. */
export const originNameLabel = `${helmGroup}/name`
export const originNamespaceLabel = `${helmGroup}/namespace`

/** On an object of a release, as a label or annotation with the value `disabled`: its drift is not looked at. */
export const driftDetectionKey = `${helmGroup}/driftDetection`

/** With the same new value as `reconcile.fluxcd.io/requestedAt`: release once more, or forget the failures so far. */
export const forceAtAnnotation = 'reconcile.fluxcd.io/forceAt'
export const resetAtAnnotation = 'reconcile.fluxcd.io/resetAt'

/**
 * Names that other programs rely on, letter for letter: Flux's API groups, annotations, labels and field managers.
 * See the Flux API reference (source v1, kustomize v1) and docs/reference/annotations.md.
 */
export const sourceGroup = 'source.toolkit.fluxcd.io'
export const kustomizeGroup = 'kustomize.toolkit.fluxcd.io'

export const gitRepositoryKind = { group: sourceGroup, version: 'v1', kind: 'GitRepository' } as const
export const kustomizationKind = { group: kustomizeGroup, version: 'v1', kind: 'Kustomization' } as const

export const notificationGroup = 'notification.toolkit.fluxcd.io'
export const alertKind = { group: notificationGroup, version: 'v1beta3', kind: 'Alert' } as const
export const providerKind = { group: notificationGroup, version: 'v1beta3', kind: 'Provider' } as const
export const receiverKind = { group: notificationGroup, version: 'v1', kind: 'Receiver' } as const

/** Held by each object that the engine looks after, until what belongs to it is cleaned up. */
export const finalizer = 'finalizers.fluxcd.io'

/** A new value of this annotation asks for a reconcile now. */
export const requestedAtAnnotation = 'reconcile.fluxcd.io/requestedAt'

/** Owner labels on each applied object; nothing without them is ever pruned. */
export const ownerNameLabel = `${kustomizeGroup}/name`
export const ownerNamespaceLabel = `${kustomizeGroup}/namespace`

/** Labels or annotations on managed objects that change how they are applied. */
export const reconcileKey = `${kustomizeGroup}/reconcile`
export const applyPolicyKey = `${kustomizeGroup}/ssa`
export const forceKey = `${kustomizeGroup}/force`
export const pruneKey = `${kustomizeGroup}/prune`
export const decryptKey = `${kustomizeGroup}/decrypt`
export const substituteKey = `${kustomizeGroup}/substitute`

/** Owner of applied fields; the same as Flux's, so that either engine takes over from the other without conflicts. */
export const applyManager = 'kustomize-controller'
/** Owner of Kustomization status and finalizers. */
export const kustomizationStatusManager = 'gotk-kustomize-controller'
/** Owner of GitRepository status and finalizers. */
export const sourceStatusManager = 'gotk-source-controller'
/** Owner of Receiver status and finalizers, and of the annotation that a Receiver sets. */
export const notificationManager = 'notification-controller'

/**
 * On a Kustomization, value `true`: a build that yields nothing, or nothing of what it yielded before, may prune all that
 * it has applied. Without it such a build is refused, because an emptied directory is far more often a mistake than a wish.
 */
export const allowEmptyAnnotation = 'sluice.dev/allow-empty'

import { flag, integer, list, object, oneOf, text } from '../schema.ts'
import { artifact, conditions, duration, durationBelowHours, localReference } from './shared.ts'

/** Fields that several kinds of sources share, with the words that fit all of them. */
export const ignore = text('Files to leave out, in the syntax of .gitignore; replaces the built-in list.')
export const interval = text('How often to look for a new revision.', { pattern: duration })
export const suspend = flag('Stop following; what is there stays.')
export const timeout = text('How long a fetch may take.', { default: '60s', pattern: durationBelowHours })
export const proxySecretRef = localReference(
  'Secret with `address` and, if needed, `username` and `password` of a proxy.',
)
export const certSecretRef = localReference('Secret with `ca.crt`, or `tls.crt` and `tls.key`, or all of them.')
export const serviceAccountName = text('Service account whose identity is used.')

/** Names of signers for signatures without keys. */
export const matchOIDCIdentity = list(
  'Identities of which one must have signed; for signatures without keys.',
  object(
    'One identity.',
    {
      issuer: text('Regular expression over the issuer.'),
      subject: text('Regular expression over the subject.'),
    },
    ['issuer', 'subject'],
  ),
)

export const signatureProvider = oneOf('Who makes the signatures.', ['cosign', 'notation'], { default: 'cosign' })

/** Status fields of every source. */
export const statusFields = {
  artifact,
  conditions,
  lastHandledReconcileAt: text('The last `reconcile.fluxcd.io/requestedAt` that was acted on.'),
  observedGeneration: integer('The generation that was handled last.', { format: 'int64' }),
}

/** Address of the newest artifact; the same for every revision. */
export const latestUrl = text('Address at which the newest artifact can be read.')
export const observedIgnore = text('The `ignore` of the current artifact.')
/** What the API fills in before anything was handled. */
export const neverObserved = { default: { observedGeneration: -1 } } as const

import type { KubeObject } from '../../kube/object.ts'
import { expiresAnnotation, expiryOf, expiryToldAnnotation } from '../../secrets/expiry.ts'
import type { GitRepository } from '../../specs/flux/git-repository.ts'
import type { EngineContext } from '../context.ts'
import { messageOf } from '../failure.ts'

/** What this engine told already, where it may not write that down in the cluster. */
const told = new WeakMap<EngineContext, Set<string>>()

/** Reads Secrets as the context does, and looks at the end of the one that a source fetches with. */
export function watchingExpiry(context: EngineContext, source: GitRepository): EngineContext['readSecret'] {
  return async (namespace, name) => {
    const secret = await context.readSecret(namespace, name)
    if (secret && name === source.spec.secretRef?.name) await tellExpiry(context, source, secret)
    return secret
  }
}

/**
 * Warns once for each threshold before the end of a credential, and at its end. What was told stands on the Secret, so that
 * an engine that starts anew does not repeat it. It never fails: a fetch is not held up by a warning.
 */
async function tellExpiry(context: EngineContext, source: GitRepository, secret: KubeObject): Promise<void> {
  const { annotations, namespace = '', name = '' } = secret.metadata
  const at = annotations?.[expiresAnnotation]
  const expiry = at === undefined ? undefined : expiryOf(at, context.clock.now())
  if (expiry?.threshold === undefined) return
  const mark = `${expiry.at} ${expiry.threshold}`
  const key = `${namespace}/${name} ${mark}`
  const said = told.get(context) ?? new Set()
  told.set(context, said)
  if (annotations?.[expiryToldAnnotation] === mark || said.has(key)) return
  said.add(key)
  context.emit(
    {
      time: context.clock.now(),
      severity: 'error',
      about: {
        kind: 'GitRepository',
        namespace: source.metadata.namespace ?? '',
        name: source.metadata.name ?? '',
      },
      reason: expiry.threshold === 0 ? 'CredentialExpired' : 'CredentialExpiring',
      message: `the credential in secret '${namespace}/${name}' ${expiry.warning}; replace it with 'sluice token rotate'`,
    },
    source,
  )
  try {
    const ref = { group: '', version: 'v1', kind: 'Secret', namespace, name }
    const patch = { metadata: { annotations: { [expiryToldAnnotation]: mark } } }
    await context.client.patch(ref, 'merge', patch, { fieldManager: 'sluice', timeoutMs: 5000 })
  } catch (error) {
    context.logger.debug('what was told of a credential is not written down', { key, error: messageOf(error) })
  }
}

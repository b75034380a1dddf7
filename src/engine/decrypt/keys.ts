import type { SluiceError } from '../../base/errors/index.ts'
import type { KubeObject } from '../../kube/object.ts'
import { Secret } from '../../secrets/secret.ts'
import { gpgOpener, type Identity, type Keys, parseIdentities } from '../../sops/index.ts'
import { messageOf, StepFailure } from '../failure.ts'

/**
 * The keys in the Secret that `spec.decryption.secretRef` names: `*.agekey` (or `identity`) with age identities, `*.asc`
 * with armoured PGP secret keys. Other entries are for key services, which are refused when a file needs one.
 */
export function keysOf(secret: KubeObject): Keys {
  const { namespace = '', name = '' } = secret.metadata
  const age: Identity[] = []
  const pgp: Secret[] = []
  for (const [entry, value] of Object.entries((secret['data'] ?? {}) as Record<string, string>)) {
    const text = Buffer.from(value, 'base64').toString('utf8')
    if (entry.endsWith('.asc')) pgp.push(Secret.of(text))
    if (!entry.endsWith('.agekey') && entry !== 'identity') continue
    try {
      age.push(...parseIdentities(text))
    } catch (error) {
      throw new StepFailure(
        'BuildFailed',
        `failed to import '${entry}' data from sops decryption Secret '${namespace}/${name}': ${factsOf(error)}`,
      )
    }
  }
  return { age, ...(pgp.length === 0 ? {} : { pgp: gpgOpener(pgp) }) }
}

function factsOf(error: unknown): string {
  const facts = (error as { facts?: SluiceError['facts'] }).facts
  if (facts === undefined) return messageOf(error)
  return [facts.object, facts.expected === undefined ? undefined : `expected ${facts.expected}`, facts.seen]
    .filter(part => part !== undefined)
    .join(', ')
}

import { Secret } from '../secrets/secret.ts'
import { decryptWith } from './age/file.ts'
import { type Identity, parseIdentities } from './age/keys.ts'
import { dataKeyBytes } from './cipher.ts'
import { Failure } from './failure.ts'
import type { Metadata } from './metadata.ts'

/** Opens PGP messages with secret keys that it holds. */
export interface PgpOpener {
  /** The content of an armoured message; undefined when none of the keys opens it. */
  open(message: string): Promise<Buffer | undefined>
}

/** The keys of somebody who opens files. */
export interface Keys {
  readonly age: readonly Identity[]
  readonly pgp?: PgpOpener | undefined
}

/** No key at all. */
export const noKeys: Keys = { age: [] }

/** Keys from the text of an age key file. @throws Failure */
export function ageKeys(text: string): Keys {
  return { age: parseIdentities(text) }
}

/** The data key of a file. @throws Failure with those who could open it, when no key at hand does */
export async function openDataKey(metadata: Metadata, keys: Keys): Promise<Buffer> {
  for (const { enc } of metadata.age) {
    const key = decryptWith(keys.age, enc)
    if (key !== undefined) return checked(key)
  }
  if (keys.pgp !== undefined) {
    for (const { enc } of metadata.pgp) {
      const key = await keys.pgp.open(enc)
      if (key !== undefined) return checked(key)
    }
  }
  const names = [
    ...metadata.age.map(({ recipient }) => recipient),
    ...metadata.pgp.map(({ fingerprint }) => `PGP ${fingerprint}`),
  ]
  if (names.length === 0) {
    throw new Failure('E_SOPS_UNSUPPORTED', {
      expected: 'an age or PGP recipient',
      seen: metadata.otherKeys.length === 0 ? 'no recipient' : `only keys of ${metadata.otherKeys.join(', ')}`,
    })
  }
  const held = keys.age.map(({ recipient }) => recipient.text)
  throw new Failure('E_SOPS_KEY', {
    expected: `the key of ${names.slice(0, 5).join(' or ')}`,
    seen:
      held.length === 0 && keys.pgp === undefined ? 'no key' : `keys of ${held.join(', ') || 'other PGP recipients'}`,
  })
}

function checked(key: Buffer): Buffer {
  if (key.length !== dataKeyBytes) {
    throw new Failure('E_SOPS_FORMAT', { expected: `a data key of ${dataKeyBytes} bytes`, seen: `${key.length}` })
  }
  Secret.of(key.toString('base64'))
  return key
}

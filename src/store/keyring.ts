import { hkdfSync } from 'node:crypto'
import { chmod, mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { SluiceError } from '../base/errors/index.ts'
import {
  adoptNextKey,
  dropNextKey,
  type MasterKey,
  makeKeyFile,
  masterKey,
  nextKeyFile,
  readKeyFile,
} from '../secrets/key-file.ts'
import { sealingKeyBytes } from '../secrets/sealing.ts'
import type { Secret } from '../secrets/secret.ts'

/** The master keys that are at hand: one seals, each opens what it sealed. They are never in the database. */
export interface Keyring {
  current(): Promise<MasterKey>
  /** Fails with E_STORE_WRONG_KEY. */
  byId(id: string): Promise<MasterKey>
  /** A key of its own for another purpose, such as sealing a cookie. */
  derive(purpose: string): Promise<Buffer>
}

/**
 * Keys of a file (made when there is none, mode 0600) and, while they are exchanged, of the file beside it. Read again when
 * a value needs a key that is not known yet: another process may have exchanged it.
 */
export async function fileKeyring(path: string): Promise<Keyring> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await chmod(dirname(path), 0o700)
  const load = async () =>
    [await readKeyFile(path), await readKeyFile(nextKeyFile(path))].filter(key => key !== undefined)
  let keys = await load()
  if (keys.length === 0) keys = [await makeKeyFile(path)]
  // While keys are exchanged, the next one seals already.
  return keyring(path, keys, load, all => all.at(-1)!)
}

/** Keys from the environment: the current one, and the one before while values are sealed anew. */
export function givenKeyring(keys: readonly { readonly name: string; readonly key: Secret }[]): Keyring {
  const all = keys.map(({ name, key }) => {
    const bytes = Buffer.from(key.reveal().trim(), 'base64')
    if (bytes.length !== sealingKeyBytes) {
      throw new SluiceError('E_STORE_KEY', {
        object: name,
        expected: `${sealingKeyBytes} bytes in base64`,
        seen: `${bytes.length} bytes`,
        next: `Make one with \`openssl rand -base64 ${sealingKeyBytes}\`.`,
      })
    }
    return masterKey(bytes)
  })
  return keyring(
    keys[0]?.name ?? 'key',
    all,
    async () => all,
    ([first]) => first!,
  )
}

function keyring(
  object: string,
  first: readonly MasterKey[],
  load: () => Promise<readonly MasterKey[]>,
  preferred: (keys: readonly MasterKey[]) => MasterKey,
): Keyring {
  let keys = first
  return {
    async current() {
      // Asked for anew each time: what is sealed after an exchange with the old key could never be opened again.
      const now = await load()
      if (now.length > 0) keys = now
      return preferred(keys)
    },
    async byId(id) {
      let found = keys.find(key => key.id === id)
      if (found === undefined) {
        const now = await load()
        if (now.length > 0) keys = now
        found = keys.find(key => key.id === id)
      }
      if (found === undefined) {
        throw new SluiceError('E_STORE_WRONG_KEY', {
          object,
          expected: `the key ${id}`,
          seen: keys.map(key => `the key ${key.id}`).join(', '),
        })
      }
      return found
    },
    derive: async purpose =>
      Buffer.from(hkdfSync('sha256', keys[0]!.bytes, Buffer.alloc(0), `sluice ${purpose}`, sealingKeyBytes)),
  }
}

/**
 * Exchanges the key of a file: `reseal` seals every value with the new one. The new key is on disk before anything is
 * sealed with it and the old one goes last: ended at any moment, the keyring opens every value, and the next exchange
 * goes on from there.
 */
export async function exchangeKey(path: string, reseal: (next: MasterKey) => Promise<number>): Promise<number> {
  // A next key that is there may have sealed values already: it is used, not made again.
  const next = (await readKeyFile(nextKeyFile(path))) ?? (await makeKeyFile(nextKeyFile(path)))
  const count = await reseal(next)
  await adoptNextKey(path)
  await dropNextKey(path)
  // A server may have read the old key just before, and written what it sealed just after.
  return count + (await reseal(next))
}

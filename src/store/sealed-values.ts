import { randomBytes } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import { SluiceError } from '../base/errors/index.ts'
import type { MasterKey } from '../secrets/key-file.ts'
import { createSealer, sealingKeyBytes } from '../secrets/sealing.ts'
import { Secret } from '../secrets/secret.ts'
import type { Keyring } from './keyring.ts'
import type { Db } from './schema.ts'
import { deleteSealedValue, findSealedValue, listSealedValues, putSealedValue } from './tables/sealed-values.ts'

/**
 * Secrets of the server at rest, by their place: `connection/3f…/token`. Each is sealed with a key of its own, that key
 * with the master key, and both are bound to the place, so that values cannot be swapped in the database.
 * All verbs take the store or a transaction first.
 */
export interface SealedValues {
  put(db: Db, place: string, value: Secret): Promise<void>
  /** Fails with E_SEALED_UNKNOWN, E_STORE_WRONG_KEY, E_STORE_DAMAGED. */
  open(db: Db, place: string): Promise<Secret>
  has(db: Db, place: string): Promise<boolean>
  remove(db: Db, place: string): Promise<void>
}

export function sealedValues(keyring: Keyring, clock: Clock): SealedValues {
  return {
    async put(db, place, value) {
      const key = await keyring.current()
      const sealed = seal(place, value, key)
      await putSealedValue(db, { place, sealed, key_id: key.id, changed_at: clock.now().toISOString() })
    },
    async open(db, place) {
      const row = await findSealedValue(db, place)
      if (row === undefined) throw new SluiceError('E_SEALED_UNKNOWN', { object: place })
      return unseal(place, row.sealed, await keyring.byId(row.key_id))
    },
    has: async (db, place) => (await findSealedValue(db, place)) !== undefined,
    remove: deleteSealedValue,
  }
}

/** Seals the data key of every value with another master key; the values themselves are not touched. Gives their number. */
export async function resealAll(db: Db, keyring: Keyring, next: MasterKey): Promise<number> {
  let count = 0
  for (const row of await listSealedValues(db)) {
    if (row.key_id === next.id) continue
    const [wrapped = '', body = ''] = row.sealed.split('.')
    const dataKey = openPart(row.place, await keyring.byId(row.key_id), wrapped)
    const sealed = `${createSealer(next.bytes).seal(dataKey, row.place).toString('base64')}.${body}`
    await putSealedValue(db, { ...row, sealed, key_id: next.id })
    count++
  }
  return count
}

function seal(place: string, value: Secret, key: MasterKey): string {
  const dataKey = randomBytes(sealingKeyBytes)
  const wrapped = createSealer(key.bytes).seal(dataKey, place)
  const body = createSealer(dataKey).seal(value.reveal(), place)
  return `${wrapped.toString('base64')}.${body.toString('base64')}`
}

function unseal(place: string, sealed: string, key: MasterKey): Secret {
  const [wrapped = '', body = ''] = sealed.split('.')
  const dataKey = openPart(place, key, wrapped)
  try {
    return Secret.of(createSealer(dataKey).unseal(Buffer.from(body, 'base64'), place).toString('utf8'))
  } catch {
    throw damaged(place)
  }
}

function openPart(place: string, key: MasterKey, wrapped: string): Buffer {
  try {
    return createSealer(key.bytes).unseal(Buffer.from(wrapped, 'base64'), place)
  } catch {
    throw damaged(place)
  }
}

function damaged(place: string): SluiceError {
  return new SluiceError('E_STORE_DAMAGED', { object: place })
}

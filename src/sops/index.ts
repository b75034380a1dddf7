import { naming } from './failure.ts'
import { type Format, formatOf } from './formats/format.ts'
import type { Keys } from './keys.ts'
import { openFile, openObject } from './open.ts'

export { generateIdentity, type Identity, parseIdentities, parseRecipient } from './age/keys.ts'
export { isSealed } from './cipher.ts'
export { type Format, formatOf } from './formats/format.ts'
export { ageKeys, type Keys, noKeys, type PgpOpener } from './keys.ts'

/**
 * Opens an encrypted file.
 *
 * @param path what errors call it; its ending gives the format when none is said
 * @throws SluiceError E_SOPS_…, which never holds a value
 */
export function decryptFile(path: string, bytes: Buffer, keys: Keys, format: Format = formatOf(path)): Promise<Buffer> {
  return naming(path, async () => (await openFile(bytes, format, keys)).plain)
}

/** Opens an object with a `sops` block; `name` is what errors call it. @throws SluiceError E_SOPS_… */
export function decryptObject<T extends object>(name: string, object: T, keys: Keys): Promise<T> {
  return naming(name, () => openObject(object, keys))
}

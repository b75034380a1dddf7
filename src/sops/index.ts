import { naming } from './failure.ts'
import { type Format, formatOf } from './formats/format.ts'
import type { Keys } from './keys.ts'
import { openFile, openObject } from './open.ts'

export { generateIdentity, type Identity, parseIdentities, parseRecipient } from './age/keys.ts'
export { isSealed } from './cipher.ts'
export { type CreationRule, creationRuleIn } from './files/creation-rules.ts'
export { type Format, formatOf } from './formats/format.ts'
export { ageKeys, type Keys, noKeys, type PgpOpener } from './keys.ts'
export { gpgOpener } from './pgp.ts'
export { type CommittedFile, refusePlainSecrets } from './plain-secrets.ts'
export { sealFile } from './seal.ts'

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

/** Marks of encrypted files by format, as Flux looks for them. */
const marks = [
  ['json', '"mac": "ENC['],
  ['yaml', 'mac: ENC['],
  ['dotenv', 'sops_mac=ENC['],
] as const

/** Whether bytes look like a file of a format that SOPS encrypted. */
export function looksEncrypted(bytes: Buffer, format: Format): boolean {
  const mark = marks.find(([name]) => name === (format === 'binary' ? 'json' : format))?.[1] ?? '[sops]'
  return bytes.includes(mark)
}

/** The format of bytes that look encrypted, whatever they are called; undefined when they do not. */
export function encryptedFormat(bytes: Buffer): 'json' | 'yaml' | 'dotenv' | undefined {
  return marks.find(([, mark]) => bytes.includes(mark))?.[0]
}

import { createHash } from 'node:crypto'
import { isObject } from '../base/json.ts'
import { aadOf, Sealer } from './cipher.ts'
import { Failure } from './failure.ts'
import { binarySheet } from './formats/binary.ts'
import { dotenvSheet } from './formats/dotenv.ts'
import type { Format, Sheet } from './formats/format.ts'
import { jsonSheet } from './formats/json.ts'
import { yamlSheet } from './formats/yaml.ts'
import { type Keys, openDataKey } from './keys.ts'
import { bytesOf, type Leaf, type Scalar, sealsPath } from './leaf.ts'
import { type Metadata, readMetadata } from './metadata.ts'

/** Larger files are refused (Flux's limit for encrypted files). */
export const maxEncryptedBytes = 5 * 1024 * 1024
/** Begins the digest of files whose digest covers sealed values only: sha256 of `sops`. */
const onlyEncrypted = createHash('sha256').update('sops').digest()

/** An opened file that can be sealed again with the same key. */
export interface OpenedFile {
  readonly plain: Buffer
  readonly metadata: Metadata
  readonly dataKey: Buffer
  /** Gives unchanged values their text again. */
  readonly sealer: Sealer
}

/** Reads a file of a format. @throws Failure */
export function sheetOf(bytes: Buffer, format: Format, sealed: boolean): Sheet {
  if (bytes.length > maxEncryptedBytes) {
    throw new Failure('E_SOPS_FORMAT', { expected: `at most ${maxEncryptedBytes} bytes`, seen: `${bytes.length}` })
  }
  switch (format) {
    case 'yaml':
      return yamlSheet(bytes)
    case 'json':
      return jsonSheet(bytes)
    case 'dotenv':
      return dotenvSheet(bytes)
    case 'binary':
      return binarySheet(bytes, sealed)
    case 'ini':
      throw new Failure('E_SOPS_UNSUPPORTED', {
        seen: 'an INI file',
        next: 'Keep the settings as YAML, JSON, .env, or under a name without .ini, which seals the file as a whole.',
      })
  }
}

/** Opens a file and checks that nothing in it was changed since it was sealed. @throws Failure */
export async function openFile(bytes: Buffer, format: Format, keys: Keys): Promise<OpenedFile> {
  const sheet = sheetOf(bytes, format, true)
  const metadata = readMetadata(sheet.metadata)
  const dataKey = await openDataKey(metadata, keys)
  const sealer = new Sealer(dataKey)
  const digest = openLeaves(sheet.leaves(), metadata, sealer)
  let expected: Scalar
  try {
    expected = new Sealer(dataKey).open(metadata.mac, metadata.lastModified).value
  } catch {
    throw new Failure('E_SOPS_MAC', { seen: 'a digest or a date of sealing that was changed' })
  }
  if (String(expected) !== digest) throw new Failure('E_SOPS_MAC', { seen: 'another digest' })
  return { plain: sheet.plain(), metadata, dataKey, sealer }
}

/**
 * Opens an object with a `sops` block, such as a Secret after a build. The digest is not checked: a build adds labels
 * and namespaces, and orders keys, so it never fits (Flux does the same). Each value is still bound to its key.
 *
 * @throws Failure
 */
export async function openObject<T extends object>(object: T, keys: Keys): Promise<T> {
  const { sops, ...rest } = structuredClone(object) as T & { sops?: unknown }
  const metadata = readMetadata(sops)
  const dataKey = await openDataKey(metadata, keys)
  openLeaves(objectLeaves(rest, []), metadata, new Sealer(dataKey))
  return rest as T
}

/** Opens each value in place and returns the digest over all, as SOPS writes it. */
function openLeaves(leaves: readonly Leaf[], metadata: Metadata, sealer: Sealer): string {
  const seals = sealsPath(metadata.rules)
  const digest = createHash('sha512')
  if (metadata.macOnlyEncrypted) digest.update(onlyEncrypted)
  for (const leaf of leaves) {
    const sealed = seals(leaf.path)
    if (leaf.comment) {
      if (sealed) openComment(leaf, sealer)
      continue
    }
    let value = leaf.value
    if (sealed) {
      if (typeof value !== 'string') {
        const object = leaf.path.join('.')
        throw new Failure('E_SOPS_VALUE', { object, expected: 'ENC[AES256_GCM,…]', seen: 'a plain value' })
      }
      value = sealer.open(value, aadOf(leaf.path)).value
      leaf.set(value)
    }
    if (sealed || !metadata.macOnlyEncrypted) digest.update(bytesOf(value))
  }
  return digest.digest('hex').toUpperCase()
}

/** A comment that does not open was never sealed: older versions of SOPS left them. */
function openComment(leaf: Leaf, sealer: Sealer): void {
  try {
    leaf.set(sealer.open(String(leaf.value).trim(), aadOf(leaf.path)).value)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
  }
}

/** The digest over values before they are sealed. */
export function digestOf(leaves: readonly Leaf[], metadata: Pick<Metadata, 'rules' | 'macOnlyEncrypted'>): string {
  const seals = sealsPath(metadata.rules)
  const digest = createHash('sha512')
  if (metadata.macOnlyEncrypted) digest.update(onlyEncrypted)
  for (const { path, value, comment } of leaves) {
    if (!comment && (!metadata.macOnlyEncrypted || seals(path))) digest.update(bytesOf(value))
  }
  return digest.digest('hex').toUpperCase()
}

function objectLeaves(value: unknown, path: readonly string[], set: (value: Scalar) => void = () => {}): Leaf[] {
  if (Array.isArray(value)) {
    return value.flatMap((item, at) => objectLeaves(item, path, next => (value[at] = jsonOf(next))))
  }
  if (isObject(value)) {
    return Object.entries(value).flatMap(([key, item]) =>
      objectLeaves(item, [...path, key], next => (value[key] = jsonOf(next))),
    )
  }
  if (value === null || value === undefined) return []
  return [{ path, value: value as Scalar, comment: false, set }]
}

function jsonOf(value: Scalar): unknown {
  if (Buffer.isBuffer(value)) return value.toString('utf8')
  return typeof value === 'bigint' ? Number(value) : value
}

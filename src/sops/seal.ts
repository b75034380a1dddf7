import { randomBytes } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import { encryptTo } from './age/file.ts'
import { parseRecipient } from './age/keys.ts'
import { aadOf, dataKeyBytes, Sealer } from './cipher.ts'
import { Failure } from './failure.ts'
import type { Format } from './formats/format.ts'
import { type Rules, sealsPath } from './leaf.ts'
import { type Metadata, writeMetadata } from './metadata.ts'
import { digestOf, type OpenedFile, sheetOf } from './open.ts'

/** For whom a file is sealed, and what of it. */
export interface SealOptions {
  /** age recipients, `age1…`. */
  readonly recipients: readonly string[]
  readonly rules: Rules
  readonly macOnlyEncrypted?: boolean
  readonly clock: Clock
}

/** Seals a plain file with a new data key. @throws Failure for a file that is sealed already */
export function sealFile(plain: Buffer, format: Format, options: SealOptions): Buffer {
  const dataKey = randomBytes(dataKeyBytes)
  return written(plain, format, dataKey, new Sealer(dataKey), {
    age: sealedFor(options.recipients, dataKey),
    pgp: [],
    otherKeys: [],
    lastModified: moment(options.clock),
    mac: '',
    rules: options.rules,
    macOnlyEncrypted: options.macOnlyEncrypted ?? false,
  })
}

/** Seals other content of an opened file for the same recipients, with the same key: what did not change stays as it is. */
export function resealFile(plain: Buffer, format: Format, before: OpenedFile, clock: Clock): Buffer {
  return written(plain, format, before.dataKey, before.sealer, { ...before.metadata, lastModified: moment(clock) })
}

function written(plain: Buffer, format: Format, dataKey: Buffer, sealer: Sealer, metadata: Metadata): Buffer {
  const sheet = sheetOf(plain, format, false)
  if (sheet.metadata !== undefined)
    throw new Failure('E_SOPS_FORMAT', { expected: 'a plain file', seen: 'a sealed one' })
  const leaves = sheet.leaves()
  const digest = digestOf(leaves, metadata)
  const seals = sealsPath(metadata.rules)
  let sealed = 0
  for (const leaf of leaves) {
    if (!seals(leaf.path)) continue
    if (!leaf.comment) sealed++
    leaf.set(sealer.seal(leaf.value, aadOf(leaf.path), leaf.comment))
  }
  if (sealed === 0) {
    throw new Failure('E_SOPS_RULE', {
      expected: 'a rule that seals a value of the file',
      seen: 'one that leaves all of it in plain text',
    })
  }
  const mac = new Sealer(dataKey).seal(digest, metadata.lastModified)
  return sheet.sealed(writeMetadata({ ...metadata, mac }))
}

function sealedFor(recipients: readonly string[], dataKey: Buffer): Metadata['age'] {
  const distinct = [...new Set(recipients.map(text => text.trim()))]
  if (distinct.length === 0) throw new Failure('E_SOPS_RULE', { expected: 'an age recipient', seen: 'none' })
  return distinct.map(text => ({ recipient: text, enc: encryptTo([parseRecipient(text)], dataKey) }))
}

/** RFC 3339 in seconds, as SOPS writes it. */
function moment(clock: Clock): string {
  return clock
    .now()
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
}

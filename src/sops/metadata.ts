import { isObject } from '../base/json.ts'
import { Failure } from './failure.ts'
import type { Rules } from './leaf.ts'

/** A data key that was sealed for one age recipient. */
export interface AgeKey {
  readonly recipient: string
  /** Armoured age file. */
  readonly enc: string
}

/** A data key that was sealed for one PGP key. */
export interface PgpKey {
  readonly createdAt: string
  /** Armoured PGP message. */
  readonly enc: string
  readonly fingerprint: string
}

/** The `sops` block of a file. */
export interface Metadata {
  readonly age: readonly AgeKey[]
  readonly pgp: readonly PgpKey[]
  /** Kinds of keys in the file that are not built in, as the file calls them. */
  readonly otherKeys: readonly string[]
  /** RFC 3339, as the file writes it: it is authenticated together with the digest. */
  readonly lastModified: string
  /** Sealed digest of all values. */
  readonly mac: string
  readonly rules: Rules
  readonly macOnlyEncrypted: boolean
}

const otherKinds = ['kms', 'gcp_kms', 'azure_kv', 'hc_vault'] as const
const ruleFields = [
  ['unencrypted_suffix', 'unencryptedSuffix'],
  ['encrypted_suffix', 'encryptedSuffix'],
  ['unencrypted_regex', 'unencryptedRegex'],
  ['encrypted_regex', 'encryptedRegex'],
] as const
/** The version of SOPS whose files these are; older ones read them too. */
const version = '3.9.4'

/** Reads the `sops` block. @throws Failure when a field is missing, wrong, or of a kind that is not built in */
export function readMetadata(block: unknown): Metadata {
  if (!isObject(block)) throw new Failure('E_SOPS_FORMAT', { expected: 'a `sops` block', seen: 'none' })
  for (const field of ['unencrypted_comment_regex', 'encrypted_comment_regex']) {
    if (block[field]) throw new Failure('E_SOPS_UNSUPPORTED', { object: `sops.${field}`, seen: 'a rule by comment' })
  }
  const source = keySource(block)
  const rules: Record<string, string> = {}
  for (const [field, name] of ruleFields) {
    const value = block[field]
    if (value === undefined || value === null || value === '') continue
    if (typeof value !== 'string') throw wrong(field)
    rules[name] = value
  }
  if (Object.keys(rules).length > 1) {
    throw new Failure('E_SOPS_FORMAT', {
      expected: 'one rule about what is sealed',
      seen: Object.keys(rules).join(', '),
    })
  }
  return {
    age: listOf(source, 'age').map(key => ({ recipient: text(key, 'recipient'), enc: text(key, 'enc') })),
    pgp: listOf(source, 'pgp').map(key => ({
      createdAt: text(key, 'created_at'),
      enc: text(key, 'enc'),
      fingerprint: text(key, 'fp'),
    })),
    otherKeys: otherKinds.filter(kind => listOf(source, kind).length > 0),
    lastModified: text(block, 'lastmodified'),
    mac: text(block, 'mac'),
    rules,
    macOnlyEncrypted: block['mac_only_encrypted'] === true || block['mac_only_encrypted'] === 'true',
  }
}

/** The block as it is written. */
export function writeMetadata(metadata: Metadata): Record<string, unknown> {
  const block: Record<string, unknown> = {}
  if (metadata.age.length > 0) block['age'] = metadata.age.map(({ recipient, enc }) => ({ recipient, enc }))
  block['lastmodified'] = metadata.lastModified
  block['mac'] = metadata.mac
  if (metadata.pgp.length > 0) {
    block['pgp'] = metadata.pgp.map(({ createdAt, enc, fingerprint }) => ({
      created_at: createdAt,
      enc,
      fp: fingerprint,
    }))
  }
  for (const [field, name] of ruleFields) if (metadata.rules[name]) block[field] = metadata.rules[name]
  if (metadata.macOnlyEncrypted) block['mac_only_encrypted'] = true
  block['version'] = version
  return block
}

/** Keys stand in the block itself, or in one group of keys; more groups mean that each holds a share of the key. */
function keySource(block: Record<string, unknown>): Record<string, unknown> {
  const groups = block['key_groups']
  const direct = ['age', 'pgp', ...otherKinds].some(kind => listOf(block, kind).length > 0)
  if (direct || !Array.isArray(groups) || groups.length === 0) return block
  if (groups.length > 1 || !isObject(groups[0])) {
    throw new Failure('E_SOPS_UNSUPPORTED', {
      object: 'sops.key_groups',
      seen: `${groups.length} key groups that share the key`,
    })
  }
  return groups[0]
}

function listOf(block: Record<string, unknown>, field: string): Record<string, unknown>[] {
  const list = block[field]
  if (list === undefined || list === null) return []
  if (!Array.isArray(list) || list.length > 1000 || !list.every(isObject)) throw wrong(field)
  return list
}

function text(from: Record<string, unknown>, field: string): string {
  const value = from[field]
  if (typeof value !== 'string' || value === '') throw wrong(field)
  return value
}

function wrong(field: string): Failure {
  return new Failure('E_SOPS_FORMAT', {
    object: `sops.${field}`,
    expected: 'what SOPS writes there',
    seen: 'something else',
  })
}

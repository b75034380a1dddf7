import { readFile, stat } from 'node:fs/promises'
import { writeFileAtomic } from '../../base/atomic-file.ts'
import type { Clock } from '../../base/clock.ts'
import { SluiceError } from '../../base/errors/index.ts'
import { isObject } from '../../base/json.ts'
import { parseYamlStream } from '../../kube/yaml/index.ts'
import { Failure, naming } from '../failure.ts'
import { type Format, formatOf } from '../formats/format.ts'
import { looksEncrypted } from '../index.ts'
import type { Keys } from '../keys.ts'
import type { Rules } from '../leaf.ts'
import { maxEncryptedBytes, openFile } from '../open.ts'
import { sealFile } from '../seal.ts'
import { creationRuleFor } from './creation-rules.ts'

/** For whom to seal when it is said on the spot. */
export interface SealPathOptions {
  /** age recipients; those of the creation rule when empty. */
  readonly recipients: readonly string[]
  readonly clock: Clock
}

/** What is sealed of a Kubernetes Secret when no rule says it: the rest has to stay readable, or nobody can apply it. */
const secretRules: Rules = { encryptedRegex: '^(data|stringData)$' }

/**
 * Seals a plain file in place.
 *
 * @param path absolute path
 * @returns for whom
 * @throws SluiceError E_SOPS_…, E_FILE_READ, E_FILE_WRITE; the file is as it was then
 */
export function sealPath(path: string, options: SealPathOptions): Promise<readonly string[]> {
  return naming(path, async () => {
    const bytes = await readSecretFile(path)
    const format = formatOf(path)
    if (looksEncrypted(bytes, format)) {
      throw new Failure('E_SOPS_FORMAT', {
        expected: 'a plain file',
        seen: 'a sealed one',
        next: 'Change it with `sluice secret edit`.',
      })
    }
    const rule = await creationRuleFor(path)
    const recipients = options.recipients.length > 0 ? options.recipients : (rule?.recipients ?? [])
    if (recipients.length === 0) throw new Failure('E_SOPS_RULE', { expected: 'an age recipient', seen: 'none' })
    const rules = rule !== undefined && Object.keys(rule.rules).length > 0 ? rule.rules : defaultRules(bytes, format)
    const macOnlyEncrypted = rule?.macOnlyEncrypted ?? false
    const sealed = sealFile(bytes, format, { recipients, rules, macOnlyEncrypted, clock: options.clock })
    await writeFileAtomic(path, sealed, await modeOf(path))
    return recipients
  })
}

/** Gives a sealed file a new data key, and new recipients when some are given or the creation rule names some. */
export function rotatePath(path: string, keys: Keys, options: SealPathOptions): Promise<readonly string[]> {
  return naming(path, async () => {
    const format = formatOf(path)
    const { plain, metadata } = await openFile(await readSecretFile(path), format, keys)
    const rule = await creationRuleFor(path)
    const kept = metadata.age.map(({ recipient }) => recipient)
    const named = options.recipients.length > 0 ? options.recipients : (rule?.recipients ?? [])
    const lost = [...metadata.pgp.map(({ fingerprint }) => `PGP ${fingerprint}`), ...metadata.otherKeys]
    if (lost.length > 0) {
      throw new Failure('E_SOPS_UNSUPPORTED', {
        expected: 'age recipients only',
        seen: `keys that the file would lose: ${lost.join(', ')}`,
        next: 'Rotate it with `sops rotate`, or take these keys out first.',
      })
    }
    const recipients = named.length > 0 ? named : kept
    const { rules, macOnlyEncrypted } = metadata
    const sealed = sealFile(plain, format, { recipients, rules, macOnlyEncrypted, clock: options.clock })
    await writeFileAtomic(path, sealed, await modeOf(path))
    return recipients
  })
}

/** The bytes of a file that is no larger than an encrypted file may be. */
export async function readSecretFile(path: string): Promise<Buffer> {
  try {
    const { size } = await stat(path)
    if (size > maxEncryptedBytes) {
      throw new Failure('E_SOPS_FORMAT', { expected: `at most ${maxEncryptedBytes} bytes`, seen: `${size}` })
    }
    return await readFile(path)
  } catch (error) {
    if (error instanceof Failure) throw error
    throw new SluiceError('E_FILE_READ', { object: path, seen: (error as NodeJS.ErrnoException).code ?? String(error) })
  }
}

export async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777
}

function defaultRules(bytes: Buffer, format: Format): Rules {
  if (format !== 'yaml' && format !== 'json') return {}
  const documents = parseYamlStream(bytes, { maxLength: maxEncryptedBytes })
  return documents.some(({ value }) => isObject(value) && typeof value['apiVersion'] === 'string') ? secretRules : {}
}

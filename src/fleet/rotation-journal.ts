import { createHash } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '../base/atomic-file.ts'
import { isObject } from '../base/json.ts'

/**
 * What a rotation that was ended needs to go on: digests, never values. It is written before anything is replaced and
 * removed when everything is.
 */
export interface RotationJournal {
  readonly host: string
  /** SHA-256 of the values that are replaced. */
  readonly old: readonly string[]
  /** SHA-256 of the value that takes their place. */
  readonly next: string
  readonly started: string
}

function pathOf(dataDir: string, host: string): string {
  const name = createHash('sha256').update(host).digest('hex').slice(0, 16)
  return join(dataDir, 'credentials', `rotation-${name}.json`)
}

/** The journal of a rotation on a host that was not finished; undefined when there is none that can be read. */
export async function readRotation(dataDir: string, host: string): Promise<RotationJournal | undefined> {
  try {
    const found: unknown = JSON.parse(await readFile(pathOf(dataDir, host), 'utf8'))
    const good =
      isObject(found) &&
      found['host'] === host &&
      typeof found['next'] === 'string' &&
      Array.isArray(found['old']) &&
      found['old'].every(one => typeof one === 'string')
    return good ? (found as unknown as RotationJournal) : undefined
  } catch {
    return undefined
  }
}

export async function writeRotation(dataDir: string, journal: RotationJournal): Promise<void> {
  await writeFileAtomic(pathOf(dataDir, journal.host), `${JSON.stringify(journal, null, 2)}\n`, 0o600)
}

export function endRotation(dataDir: string, host: string): Promise<void> {
  return rm(pathOf(dataDir, host), { force: true })
}

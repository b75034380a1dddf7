import { chmod, mkdir, open, readFile, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { writeFileAtomic } from '../base/atomic-file.ts'
import { SluiceError } from '../base/errors/index.ts'
import { isObject } from '../base/json.ts'
import type { CredentialMeta } from './store-types.ts'

/** One value at rest. */
export interface SealedEntry {
  readonly meta: CredentialMeta
  /** The data key of this entry, sealed by the master key; base64. */
  readonly key: string
  /** The value, sealed by the data key; base64. */
  readonly value: string
}

/** The whole file. */
export interface StoreDocument {
  readonly format: 1
  /** Which master key seals the data keys. */
  readonly keyId: string
  readonly entries: readonly SealedEntry[]
}

const maxBytes = 16 * 1024 * 1024

/** Reads the file of a store; undefined when there is none. Fails with E_STORE_DAMAGED. */
export async function readStoreFile(path: string): Promise<StoreDocument | undefined> {
  let text: string
  try {
    const file = await open(path, 'r')
    try {
      if ((await file.stat()).size > maxBytes) throw damaged(path, `more than ${maxBytes / 1024 / 1024} MiB`)
      text = await file.readFile('utf8')
    } finally {
      await file.close()
    }
  } catch (error) {
    if (error instanceof SluiceError) throw error
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw new SluiceError('E_FILE_READ', { object: path, seen: code ?? String(error), cause: error })
  }
  let found: unknown
  try {
    found = JSON.parse(text)
  } catch (cause) {
    throw damaged(path, 'a text that is no JSON', cause)
  }
  const entries = isObject(found) ? found['entries'] : undefined
  if (!isObject(found) || typeof found['keyId'] !== 'string' || !Array.isArray(entries)) {
    throw damaged(path, 'another document')
  }
  if (found['format'] !== 1) throw damaged(path, `format ${JSON.stringify(found['format'])}, of another Sluice`)
  if (!entries.every(isEntry)) throw damaged(path, 'an entry without its parts')
  return { format: 1, keyId: found['keyId'], entries }
}

function isEntry(value: unknown): value is SealedEntry {
  return (
    isObject(value) &&
    typeof value['key'] === 'string' &&
    typeof value['value'] === 'string' &&
    isObject(value['meta']) &&
    ['name', 'host', 'kind', 'fingerprint', 'added'].every(
      key => typeof (value['meta'] as Record<string, unknown>)[key] === 'string',
    )
  )
}

/** Writes the file whole, mode 0600, in a folder of mode 0700. */
export async function writeStoreFile(path: string, document: StoreDocument): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify(document, null, 2)}\n`, 0o600)
}

function damaged(object: string, seen: string, cause?: unknown): SluiceError {
  return new SluiceError('E_STORE_DAMAGED', { object, seen, cause })
}

/** How often and how long a writer waits for another one, in milliseconds. */
const lockTries = 100
const lockWaitMs = 50

/**
 * Runs `work` as the only writer. A lock whose process is gone is taken over. Fails with E_STORE_BUSY.
 */
export async function withStoreLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`
  const folder = dirname(path)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await chmod(folder, 0o700)
  } catch (error) {
    const seen = (error as NodeJS.ErrnoException).code ?? String(error)
    throw new SluiceError('E_FILE_WRITE', { object: folder, seen, cause: error })
  }
  for (let tries = 1; ; tries++) {
    try {
      const file = await open(lock, 'wx', 0o600)
      await file.writeFile(String(process.pid))
      await file.close()
      break
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'EEXIST') throw new SluiceError('E_FILE_WRITE', { object: lock, seen: code ?? '', cause: error })
    }
    const holder = await readFile(lock, 'utf8').catch(() => '')
    // The holder may be between making the file and writing its name into it.
    if (holder !== '' && !isAlive(Number(holder))) await rm(lock, { force: true })
    else if (tries >= lockTries) {
      throw new SluiceError('E_STORE_BUSY', {
        object: lock,
        seen: holder === '' ? 'an unnamed process' : `process ${holder}`,
        next: `Run the command again in a moment; if no other runs, remove ${lock}.`,
      })
    } else await new Promise(resolve => setTimeout(resolve, lockWaitMs))
  }
  try {
    return await work()
  } finally {
    await rm(lock, { force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

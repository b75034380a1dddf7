import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from '@photostructure/sqlite'
import { asSluiceError, SluiceError } from '../base/errors/index.ts'

/** The engine's folder, held by one process. */
export interface DataFolder {
  /**
   * Who the engine on this folder is in leader election. It outlives the process: after a crash the next one takes its own
   * lease up again at once, instead of waiting for it to run out.
   */
  readonly identity: string
  release(): void
}

/**
 * Takes the folder. The lock is one of the operating system, on a database file, so it ends with the process however that
 * ends. Fails with E_ENGINE_DATA_BUSY or E_FILE_WRITE.
 */
export async function takeDataFolder(dir: string): Promise<DataFolder> {
  try {
    await mkdir(join(dir, 'sources'), { recursive: true, mode: 0o700 })
    const lock = lockFile(join(dir, 'engine.lock'), dir)
    try {
      return { identity: await identityIn(dir), release: () => lock.close() }
    } catch (error) {
      lock.close()
      throw error
    }
  } catch (error) {
    if (error instanceof SluiceError) throw error
    const code = (error as NodeJS.ErrnoException).code
    if (code === undefined) throw asSluiceError(error)
    throw new SluiceError('E_FILE_WRITE', { object: dir, seen: code, cause: error })
  }
}

function lockFile(path: string, dir: string): { close(): void } {
  try {
    return lockDatabase(path, dir)
  } catch (error) {
    // Nothing is kept in it. A file that somebody holds is busy before anything of it is read, so nobody holds this one.
    if (!/not a database|malformed|disk image/i.test(String(error))) throw error
    for (const damaged of [path, `${path}-journal`, `${path}-wal`, `${path}-shm`]) rmSync(damaged, { force: true })
    return lockDatabase(path, dir)
  }
}

function lockDatabase(path: string, dir: string): { close(): void } {
  const database = new DatabaseSync(path)
  try {
    database.exec('PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;')
    return database
  } catch (error) {
    database.close()
    if (!/locked|busy/i.test(String(error))) throw error
    throw new SluiceError('E_ENGINE_DATA_BUSY', { object: dir })
  }
}

async function identityIn(dir: string): Promise<string> {
  const path = join(dir, 'identity')
  const kept = await readFile(path, 'utf8').catch(() => '')
  if (/^[\w.-]+_[0-9a-f-]{36}$/.test(kept)) return kept
  const made = `${hostname()}_${randomUUID()}`
  await writeFile(path, made, { mode: 0o600 })
  return made
}

import { randomBytes } from 'node:crypto'
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { diskWords, SluiceError } from './errors/index.ts'

/**
 * Writes a file so that a reader, a crash or a full disk sees the old content or the new, never a part:
 * a temporary file beside it, synced, renamed over it, and the folder synced.
 *
 * @param mode permissions of the file, e.g. 0o600 for anything that holds a secret
 * @throws E_FILE_WRITE
 */
export async function writeFileAtomic(path: string, content: string | Buffer, mode = 0o644): Promise<void> {
  const folder = dirname(path)
  const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`)
  try {
    await mkdir(folder, { recursive: true })
    const file = await open(temporary, 'wx', mode)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
    const handle = await open(folder, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    await rm(temporary, { force: true })
    throw new SluiceError('E_FILE_WRITE', {
      object: path,
      seen: diskWords((error as NodeJS.ErrnoException).code ?? String(error)),
      cause: error,
    })
  }
}

/** Removes what writes of this file left that were ended in the middle. Only for the one process that may write it. */
export async function removeTemporaries(path: string): Promise<void> {
  const folder = dirname(path)
  const start = `.${basename(path)}.`
  for (const name of await readdir(folder).catch(() => []))
    if (name.startsWith(start) && /^[0-9a-f]{12}\.tmp$/.test(name.slice(start.length)))
      await rm(join(folder, name), { force: true })
}

import { open } from 'node:fs/promises'
import { SluiceError } from '../../base/errors/index.ts'

/** Writes a file of mode 0600 that must not be there yet: a key that was there would be lost. */
export async function writeNewFile(path: string, text: string): Promise<void> {
  try {
    const file = await open(path, 'wx', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    throw new SluiceError('E_FILE_WRITE', {
      object: path,
      seen: code === 'EEXIST' ? 'a file that is there already' : code,
    })
  }
}

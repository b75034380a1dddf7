import { createHash, randomBytes } from 'node:crypto'
import { chmod, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { writeFileAtomic } from '../base/atomic-file.ts'
import { SluiceError } from '../base/errors/index.ts'
import { sealingKeyBytes } from './sealing.ts'

/** A key that seals the data keys of a store. */
export interface MasterKey {
  readonly bytes: Buffer
  /** Tells keys apart without giving anything of them away: 16 hexadecimal digits of a digest. */
  readonly id: string
}

export function masterKey(bytes: Buffer): MasterKey {
  return { bytes, id: createHash('sha256').update('sluice store key\0').update(bytes).digest('hex').slice(0, 16) }
}

/** The place of a new key while a store is being sealed anew. */
export const nextKeyFile = (path: string): string => `${path}.next`

/** Reads a key file: 32 bytes in base64 on one line. Undefined when there is none. Fails with E_STORE_KEY. */
export async function readKeyFile(path: string): Promise<MasterKey | undefined> {
  let text: string
  try {
    const { mode } = await stat(path)
    if ((mode & 0o077) !== 0) {
      throw new SluiceError('E_STORE_KEY', {
        object: path,
        expected: 'a file that only you can read (mode 0600)',
        seen: `mode 0${(mode & 0o777).toString(8)}`,
        next: `Run \`chmod 600 ${path}\`; if others could read it, run \`sluice credential rekey\` too.`,
      })
    }
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof SluiceError) throw error
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw new SluiceError('E_STORE_KEY', { object: path, seen: code ?? 'a failure to read it', cause: error })
  }
  const bytes = Buffer.from(text.trim(), 'base64')
  if (bytes.length !== sealingKeyBytes || bytes.toString('base64') !== text.trim()) {
    throw new SluiceError('E_STORE_KEY', {
      object: path,
      expected: `${sealingKeyBytes} bytes in base64`,
      seen: `${text.length} characters of something else`,
    })
  }
  return masterKey(bytes)
}

/** Writes a new key, durably, mode 0600. */
export async function makeKeyFile(path: string): Promise<MasterKey> {
  const key = masterKey(randomBytes(sealingKeyBytes))
  await writeFileAtomic(path, `${key.bytes.toString('base64')}\n`, 0o600)
  await chmod(path, 0o600)
  return key
}

/** Puts the next key in the place of the key. */
export async function adoptNextKey(path: string): Promise<void> {
  await rename(nextKeyFile(path), path)
  const folder = await open(path.replace(/[^/]*$/, '') || '.', 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

export function dropNextKey(path: string): Promise<void> {
  return rm(nextKeyFile(path), { force: true })
}

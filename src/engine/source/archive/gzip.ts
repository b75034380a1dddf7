import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { ArchiveError } from './archive-error.ts'

const gunzipAsync = promisify(gunzip)
const gzipAsync = promisify(gzip)

/** Unpacks gzip, at most `maxBytes` of it: what goes on beyond is refused, never held in memory. */
export async function unzip(bytes: Buffer, maxBytes: number): Promise<Buffer> {
  try {
    return await gunzipAsync(bytes, { maxOutputLength: maxBytes })
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ERR_BUFFER_TOO_LARGE') throw new ArchiveError(`it holds more than ${maxBytes} bytes`)
    throw new ArchiveError('it is not gzip, or is damaged')
  }
}

/** Packs with gzip, always alike: no name, no time (node writes none). */
export async function zip(bytes: Buffer): Promise<Buffer> {
  const packed = await gzipAsync(bytes, { level: 6 })
  // The byte that names the operating system differs between machines.
  packed[9] = 0xff
  return packed
}

export function isGzip(bytes: Buffer): boolean {
  return bytes.length > 2 && bytes[0] === 0x1f && bytes[1] === 0x8b
}

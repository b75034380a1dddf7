import { ArchiveError } from './archive-error.ts'
import type { ArchiveFile } from './tar-read.ts'

const block = 512

/**
 * A tar archive that depends on nothing but paths and bytes: sorted, no owner, no time, mode 0644 (folders 0755). Equal
 * content gives equal bytes.
 *
 * @throws ArchiveError when a path is both a file and a folder
 */
export function writeTar(files: readonly ArchiveFile[]): Buffer {
  const parts: Buffer[] = []
  const folders = new Set<string>()
  for (const { path, bytes } of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const steps = path.split('/')
    for (let i = 1; i < steps.length; i++) {
      const folder = `${steps.slice(0, i).join('/')}/`
      if (folders.has(folder)) continue
      folders.add(folder)
      parts.push(...entry(folder, '5', Buffer.alloc(0)))
    }
    parts.push(...entry(path, '0', bytes))
  }
  const both = files.find(({ path }) => folders.has(`${path}/`))
  if (both !== undefined) throw new ArchiveError(`'${both.path}' is a file and a folder`)
  parts.push(Buffer.alloc(2 * block))
  return Buffer.concat(parts)
}

function entry(path: string, type: '0' | '5', bytes: Buffer): Buffer[] {
  const split = splitName(path)
  const parts: Buffer[] = []
  if (split === undefined) {
    const record = paxRecord('path', path)
    parts.push(header('PaxHeaders/path', '', 'x', record.length), padded(record))
  }
  const [name, prefix] = split ?? [
    Buffer.from(path)
      .subarray(0, 100)
      .toString('latin1')
      .replace(/[^\x20-\x7e]/g, '_'),
    '',
  ]
  parts.push(header(name, prefix, type, bytes.length), padded(bytes))
  return parts
}

/** The name and prefix fields of a path, or undefined when it does not fit and needs a PAX header. */
function splitName(path: string): [name: string, prefix: string] | undefined {
  if (!/^[\x20-\x7e]*$/.test(path)) return undefined
  if (path.length <= 100) return [path, '']
  const cut = path.indexOf('/', path.length - 101)
  return cut > 0 && cut <= 155 && cut < path.length - 1 ? [path.slice(cut + 1), path.slice(0, cut)] : undefined
}

function paxRecord(key: string, value: string): Buffer {
  const body = Buffer.byteLength(` ${key}=${value}\n`)
  let length = body + String(body).length
  if (body + String(length).length !== length) length = body + String(length).length
  return Buffer.from(`${length} ${key}=${value}\n`)
}

function header(name: string, prefix: string, type: string, size: number): Buffer {
  const head = Buffer.alloc(block)
  head.write(name, 0, 100, 'latin1')
  head.write(type === '5' ? '0000755\0' : '0000644\0', 100, 'latin1')
  head.write('0000000\0', 108, 'latin1')
  head.write('0000000\0', 116, 'latin1')
  head.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'latin1')
  head.write('00000000000\0', 136, 'latin1')
  head.write('        ', 148, 'latin1')
  head.write(type, 156, 'latin1')
  head.write('ustar\x0000', 257, 'latin1')
  head.write(prefix, 345, 155, 'latin1')
  let sum = 0
  for (const byte of head) sum += byte
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return head
}

function padded(bytes: Buffer): Buffer {
  const rest = bytes.length % block
  return rest === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(block - rest)])
}

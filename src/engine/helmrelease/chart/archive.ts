import { gunzipSync, gzipSync } from 'node:zlib'

/** One file of a chart archive. */
export interface ArchiveFile {
  /** Path in the archive, e.g. `podinfo/Chart.yaml`. */
  readonly path: string
  readonly bytes: Buffer
}

/** Helm's own limits (chart loader): 100 MiB unpacked, 5 MiB a file. */
const largestArchive = 100 * 1024 * 1024
const mostFiles = 10_000

/** The files of a `.tgz`: plain files alone, links and paths out of the archive refused. Throws an Error that says why. */
export function readArchive(packed: Buffer): ArchiveFile[] {
  const tar = gunzipSync(packed, { maxOutputLength: largestArchive })
  const files: ArchiveFile[] = []
  let longName: string | undefined
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const size = Number.parseInt(tar.toString('latin1', at + 124, at + 136), 8) || 0
    const type = String.fromCharCode(tar[at + 156] ?? 0)
    const bytes = tar.subarray(at + 512, at + 512 + size)
    if (bytes.length < size) throw new Error('the archive is cut off')
    if (type === 'x') longName = paxPath(bytes) ?? longName
    else if (type === 'L') longName = text(bytes, 0, bytes.length)
    else {
      const path = longName ?? ustarName(tar, at)
      longName = undefined
      if (type === '0' || type === '\0') {
        if (path.startsWith('/') || path.split('/').includes('..'))
          throw new Error(`the archive holds a path out of it: ${path}`)
        if (files.length >= mostFiles) throw new Error(`the archive holds more than ${mostFiles} files`)
        files.push({ path: path.replace(/^\.\//, ''), bytes })
      } else if (type === '1' || type === '2') throw new Error(`the archive holds a link: ${path}`)
    }
    at += 512 + Math.ceil(size / 512) * 512
  }
  return files
}

/** A `.tgz` of files; the same files always make the same bytes. */
export function writeArchive(files: readonly ArchiveFile[]): Buffer {
  const parts: Buffer[] = []
  for (const { path, bytes } of files) {
    const name = Buffer.from(path)
    if (name.length > 100) {
      const record = paxRecord(path)
      parts.push(header('pax', record.length, 'x'), padded(record))
    }
    parts.push(header(name.subarray(0, 100).toString('latin1'), bytes.length, '0'), padded(bytes))
  }
  parts.push(Buffer.alloc(1024))
  return gzipSync(Buffer.concat(parts))
}

function header(name: string, size: number, type: string): Buffer {
  const block = Buffer.alloc(512)
  block.write(name, 0, 100, 'latin1')
  block.write('0000644\0', 100, 'latin1')
  block.write('0000000\0', 108, 'latin1')
  block.write('0000000\0', 116, 'latin1')
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'latin1')
  block.write(`${'0'.repeat(11)}\0`, 136, 'latin1')
  block.write('        ', 148, 'latin1')
  block.write(type, 156, 'latin1')
  block.write('ustar\x0000', 257, 'latin1')
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return block
}

function padded(bytes: Buffer): Buffer {
  const rest = bytes.length % 512
  return rest === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(512 - rest)])
}

function paxRecord(path: string): Buffer {
  const body = ` path=${path}\n`
  let length = Buffer.byteLength(body) + 2
  while (Buffer.byteLength(`${length}${body}`) !== length) length = Buffer.byteLength(`${length}${body}`)
  return Buffer.from(`${length}${body}`)
}

function paxPath(bytes: Buffer): string | undefined {
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(bytes.toString('utf8'))?.[1]
}

function ustarName(tar: Buffer, at: number): string {
  const name = text(tar, at, at + 100)
  const prefix = tar.toString('latin1', at + 257, at + 262) === 'ustar' ? text(tar, at + 345, at + 500) : ''
  return prefix === '' ? name : `${prefix}/${name}`
}

function text(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('utf8', start, end).replace(/\0.*$/s, '')
}

import { ArchiveError } from './archive-error.ts'

/** One header block of a tar archive (POSIX ustar; GNU sizes). */
export class TarHeader {
  readonly path: string
  readonly size: number
  /** The type flag: `0` a file, `5` a folder, `2` a symbolic link, `x` PAX, `L` a long name. */
  readonly type: string

  constructor(block: Buffer) {
    const stored = octal(block, 148, 8)
    let sum = 8 * 0x20
    for (let i = 0; i < 512; i++) if (i < 148 || i >= 156) sum += block[i]!
    if (sum !== stored) throw new ArchiveError('the checksum of an entry is wrong')
    const prefix = block.toString('latin1', 257, 262) === 'ustar' ? text(block, 345, 155) : ''
    const name = text(block, 0, 100)
    this.path = prefix === '' ? name : `${prefix}/${name}`
    this.size = octal(block, 124, 12)
    this.type = String.fromCharCode(block[156]!)
  }

  get isFile(): boolean {
    return this.type === '0' || this.type === '\0' || this.type === '7'
  }
}

/** The records of a PAX header that matter here. */
export function parsePax(body: Buffer): { path?: string; size?: number } {
  const found: { path?: string; size?: number } = {}
  let at = 0
  while (at < body.length) {
    const space = body.indexOf(0x20, at)
    const length = Number(body.toString('latin1', at, Math.max(at, space)))
    if (space < 0 || !Number.isSafeInteger(length) || length < 4 || at + length > body.length) {
      throw new ArchiveError('a PAX header is broken')
    }
    const record = body.toString('utf8', space + 1, at + length - 1)
    const cut = record.indexOf('=')
    const [key, value] = [record.slice(0, cut), record.slice(cut + 1)]
    if (key === 'path') found.path = value
    if (key === 'size') {
      if (!/^\d{1,15}$/.test(value)) throw new ArchiveError('a PAX header has no size')
      found.size = Number(value)
    }
    at += length
  }
  return found
}

function text(block: Buffer, from: number, length: number): string {
  const end = block.indexOf(0, from)
  return block.toString('utf8', from, end < 0 || end > from + length ? from + length : end)
}

function octal(block: Buffer, from: number, length: number): number {
  if ((block[from]! & 0x80) !== 0) {
    // GNU: a number of base 256 behind a set bit.
    let value = block[from]! & 0x7f
    for (let i = from + 1; i < from + length; i++) value = value * 256 + block[i]!
    if (!Number.isSafeInteger(value)) throw new ArchiveError('the size of an entry is absurd')
    return value
  }
  const digits = block
    .toString('latin1', from, from + length)
    .replace(/[\0 ]+$/, '')
    .trim()
  if (digits === '') return 0
  if (!/^[0-7]+$/.test(digits)) throw new ArchiveError('a number in an entry is broken')
  return Number.parseInt(digits, 8)
}

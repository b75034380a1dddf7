import { ArchiveError } from './archive-error.ts'
import { parsePax, TarHeader } from './tar-header.ts'

/** A regular file of an archive. */
export interface ArchiveFile {
  /** Path from the root, separated by `/`, without a leading slash, `.` or `..`. */
  readonly path: string
  readonly bytes: Buffer
}

/** Bounds of what is read from an archive. */
export interface ArchiveLimits {
  /** Bytes after decompression, headers and all. */
  readonly maxBytes: number
  /** Entries of any type. */
  readonly maxEntries: number
  /** Bytes of one file. */
  readonly maxFileBytes: number
  /** What symbolic links are: skipped, as Flux does with layers, or a reason to refuse the archive. Hard links always are. */
  readonly links: 'skip' | 'refuse'
}

/** Bounds for content of unknown origin: those of Flux's own unpacking (fluxcd/pkg tar, 100 MiB), with a count. */
export const defaultLimits: ArchiveLimits = {
  maxBytes: 100 * 1024 * 1024,
  maxEntries: 100_000,
  maxFileBytes: 64 * 1024 * 1024,
  links: 'skip',
}

const block = 512

/**
 * The regular files of a tar archive (ustar, PAX, GNU long names). Nothing is written anywhere. An archive with an absolute
 * path, a path that leaves the root, a hard link, a device or a path that is both file and folder is refused as a whole.
 *
 * @throws ArchiveError
 */
export function readTar(archive: Buffer, limits: ArchiveLimits): ArchiveFile[] {
  if (archive.length > limits.maxBytes) throw new ArchiveError(`it holds more than ${limits.maxBytes} bytes`)
  const files = new Map<string, ArchiveFile>()
  const folders = new Set<string>()
  let entries = 0
  let at = 0
  let next: { path?: string; size?: number } = {}
  while (at + block <= archive.length) {
    const head = archive.subarray(at, at + block)
    if (head.every(byte => byte === 0)) break
    const header = new TarHeader(head)
    const size = next.size ?? header.size
    at += block
    if (size < 0 || at + size > archive.length) throw new ArchiveError('it ends in the middle of an entry')
    const body = archive.subarray(at, at + size)
    at += Math.ceil(size / block) * block
    if (++entries > limits.maxEntries) throw new ArchiveError(`it has more than ${limits.maxEntries} entries`)
    switch (header.type) {
      case 'g':
        continue
      case 'x':
        next = { ...next, ...parsePax(body) }
        continue
      case 'L':
        next = { ...next, path: textUntilNul(body) }
        continue
      case 'K':
        continue
    }
    const raw = next.path ?? header.path
    next = {}
    if (header.type === '2') {
      if (limits.links === 'refuse') throw new ArchiveError(`'${raw}' is a symbolic link`)
      continue
    }
    const path = safePath(raw)
    if (header.type === '5') {
      if (files.has(path)) throw new ArchiveError(`'${path}' is a file and a folder`)
      if (path !== '') addFolder(path)
    } else if (header.isFile) {
      if (path === '' || folders.has(path)) throw new ArchiveError(`'${raw}' is a file and a folder`)
      if (size > limits.maxFileBytes) {
        throw new ArchiveError(`'${path}' has ${size} bytes, more than ${limits.maxFileBytes}`)
      }
      const cut = path.lastIndexOf('/')
      if (cut > 0) addFolder(path.slice(0, cut))
      files.set(path, { path, bytes: Buffer.from(body) })
    } else {
      throw new ArchiveError(`'${raw}' is neither a file nor a folder (type ${JSON.stringify(header.type)})`)
    }
  }
  return [...files.values()]

  function addFolder(path: string): void {
    for (let here = path; here !== '' && !folders.has(here); here = here.slice(0, Math.max(0, here.lastIndexOf('/')))) {
      if (files.has(here)) throw new ArchiveError(`'${here}' is a file and a folder`)
      folders.add(here)
    }
  }
}

/** A path that stays below the root, cleaned of `.` and doubled slashes; refuses all else. */
export function safePath(raw: string): string {
  if (raw.length > 4096 || raw.includes('\0') || raw.includes('\\')) {
    throw new ArchiveError(`${JSON.stringify(raw.slice(0, 100))} is not a path`)
  }
  if (raw.startsWith('/') || /^[A-Za-z]:/.test(raw)) throw new ArchiveError(`'${raw}' is an absolute path`)
  const parts = raw.split('/').filter(part => part !== '' && part !== '.')
  if (parts.includes('..')) throw new ArchiveError(`'${raw}' leaves the archive`)
  if (parts.length > 200) throw new ArchiveError(`'${raw.slice(0, 100)}…' is nested too deeply`)
  return parts.join('/')
}

function textUntilNul(bytes: Buffer): string {
  const end = bytes.indexOf(0)
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end)
}

import { execFileSync } from 'node:child_process'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { memoryTree } from '../../../base/file-tree.ts'
import { ArchiveTree, treeOfArchive } from './archive-tree.ts'
import { packTree } from './pack.ts'
import { type ArchiveLimits, defaultLimits, readTar } from './tar-read.ts'
import { writeTar } from './tar-write.ts'

const read = (bytes: Buffer, limits: Partial<ArchiveLimits> = {}) => readTar(bytes, { ...defaultLimits, ...limits })
const file = (path: string, text = 'x') => ({ path, bytes: Buffer.from(text) })

/** A hand-made entry: whatever a hostile writer would put there. */
function raw(path: string, type: string, body = '', size = Buffer.byteLength(body)): Buffer {
  const head = Buffer.alloc(512)
  head.write(path, 0, 100, 'utf8')
  head.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'latin1')
  head.write('        ', 148, 'latin1')
  head.write(type, 156, 'latin1')
  head.write('ustar\x0000', 257, 'latin1')
  let sum = 0
  for (const byte of head) sum += byte
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  const content = Buffer.alloc(Math.ceil(Buffer.byteLength(body) / 512) * 512)
  content.write(body)
  return Buffer.concat([head, content])
}

test('what is written is read again, whatever the names', () => {
  const name = fc.string({ minLength: 1, maxLength: 120, unit: 'grapheme' }).filter(text => {
    return (
      !/[/\\\0]/.test(text) &&
      text !== '.' &&
      text !== '..' &&
      !/^[A-Za-z]:/.test(text) &&
      Buffer.from(text).toString() === text
    )
  })
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map(parts => `d/${parts.join('/')}`)
  fc.assert(
    fc.property(fc.uniqueArray(path, { maxLength: 6 }), fc.uint8Array({ maxLength: 1200 }), (paths, bytes) => {
      const distinct = paths.filter(one => !paths.some(other => other !== one && other.startsWith(`${one}/`)))
      const files = distinct.map(one => ({ path: one, bytes: Buffer.from(bytes) }))
      const back = read(writeTar(files))
      expect(new Map(back.map(one => [one.path, one.bytes.toString('hex')]))).toEqual(
        new Map(files.map(one => [one.path, one.bytes.toString('hex')])),
      )
    }),
    { numRuns: 60 },
  )
})

test('the system’s tar reads what is written', () => {
  const long = `${'folder-with-a-name/'.repeat(12)}${'n'.repeat(120)}.yaml`
  const listed = execFileSync('tar', ['-tf', '-'], { input: writeTar([file('a.yaml'), file(long), file('b/ü.yaml')]) })
  expect(listed.toString()).toContain(long)
})

test('equal trees give equal archives', async () => {
  const one = await packTree(memoryTree({ 'b/c': '1', a: '2' }))
  const other = await packTree(memoryTree({ a: '2', 'b/c': '1' }))
  expect(one.equals(other)).toBe(true)
  const tree = await treeOfArchive(one)
  expect((await tree.list('')).map(entry => entry.name)).toEqual(['a', 'b'])
  expect((await tree.read('b/c'))?.toString()).toBe('1')
})

test('a folder’s digest changes with anything below it and nothing else', async () => {
  const digest = async (files: Record<string, string>) =>
    (await new ArchiveTree(Object.entries(files).map(([path, text]) => file(path, text))).entry('b'))?.digest
  const base = await digest({ 'b/c/d': '1', a: '2' })
  expect(await digest({ 'b/c/d': '1', a: '3' })).toBe(base)
  expect(await digest({ 'b/c/d': '2', a: '2' })).not.toBe(base)
  expect(await digest({ 'b/c/e': '1', a: '2' })).not.toBe(base)
})

describe('a hostile archive is refused as a whole', () => {
  test.each([
    ['a path that leaves the root', raw('../evil', '0', 'x'), /leaves the archive/],
    ['a path that leaves it later', raw('a/../../evil', '0', 'x'), /leaves the archive/],
    ['an absolute path', raw('/etc/passwd', '0', 'x'), /absolute/],
    ['a path with a drive', raw('C:evil', '0', 'x'), /absolute/],
    ['a backslash', raw('a\\..\\b', '0', 'x'), /not a path/],
    ['a hard link', raw('link', '1'), /neither a file nor a folder/],
    ['a character device', raw('dev', '3'), /neither a file nor a folder/],
    ['a block device', raw('dev', '4'), /neither a file nor a folder/],
    ['a pipe', raw('pipe', '6'), /neither a file nor a folder/],
    ['a file that is a folder too', Buffer.concat([raw('a', '0', 'x'), raw('a/b', '0', 'x')]), /file and a folder/],
    ['a folder that is a file too', Buffer.concat([raw('a/b', '0', 'x'), raw('a', '0', 'x')]), /file and a folder/],
    ['a size beyond the end', raw('a', '0', 'x', 10_000_000), /ends in the middle/],
    [
      'a PAX path that leaves',
      Buffer.concat([raw('p', 'x', '18 path=../../ev\n\n'), raw('a', '0', 'x')]),
      /leaves|PAX/,
    ],
    ['a long name that leaves', Buffer.concat([raw('l', 'L', '../../evil\0'), raw('a', '0', 'x')]), /leaves/],
    ['a wrong checksum', Buffer.concat([Buffer.from('x'), raw('a', '0', 'x').subarray(1)]), /checksum/],
  ])('%s', (_name, archive, message) => {
    expect(() => read(archive)).toThrow(message)
  })

  test('a symbolic link is skipped, or refused where asked, and nothing goes through it', () => {
    const archive = Buffer.concat([raw('ln', '2'), raw('ln/pwn', '0', 'x')])
    expect(read(archive).map(({ path }) => path)).toEqual(['ln/pwn'])
    expect(() => read(archive, { links: 'refuse' })).toThrow(/symbolic link/)
  })

  test('too many entries, too large a file, too many bytes', async () => {
    expect(() => read(writeTar([file('a'), file('b'), file('c')]), { maxEntries: 2 })).toThrow(/more than 2 entries/)
    expect(() => read(writeTar([file('a', 'x'.repeat(2000))]), { maxFileBytes: 1000 })).toThrow(/2000 bytes/)
    const bomb = gzipSync(Buffer.alloc(20_000_000))
    await expect(treeOfArchive(bomb, { maxBytes: 1_000_000 })).rejects.toThrow(/more than 1000000 bytes/)
    await expect(treeOfArchive(Buffer.from('no gzip'))).rejects.toThrow(/not gzip/)
  })

  test('any flipped bit or cut gives a clear refusal or other content, never another error', () => {
    const archive = writeTar([file('a/b.yaml', 'kind: A\n'), file('c.yaml', 'kind: B\n')])
    fc.assert(
      fc.property(fc.nat(archive.length - 1), fc.nat(7), fc.nat(archive.length), (at, bit, end) => {
        const hurt = Buffer.from(archive.subarray(0, end))
        if (at < hurt.length) hurt[at]! ^= 1 << bit
        try {
          for (const { path } of read(hurt)) expect(path).not.toMatch(/^\/|\.\.(\/|$)/)
        } catch (error) {
          expect((error as Error).name).toBe('ArchiveError')
        }
      }),
    )
  })
})

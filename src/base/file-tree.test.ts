import { expect, it } from 'vitest'
import { memoryTree } from './file-tree.ts'

it('a tree in memory lists folders sorted, reads files and knows nothing else', async () => {
  const tree = memoryTree({ 'a/b/c.yaml': 'c', 'a/a.yaml': 'a', 'z.txt': 'z' })
  expect((await tree.list('')).map(e => [e.path, e.kind])).toEqual([
    ['a', 'folder'],
    ['z.txt', 'file'],
  ])
  expect((await tree.list('a')).map(e => e.path)).toEqual(['a/a.yaml', 'a/b'])
  expect(String(await tree.read('a/b/c.yaml'))).toBe('c')
  expect(await tree.read('a/b')).toBeUndefined()
  expect(await tree.entry('a/b')).toMatchObject({ kind: 'folder' })
  expect(await tree.entry('nowhere/x')).toBeUndefined()
  expect(await tree.list('nowhere')).toEqual([])
})

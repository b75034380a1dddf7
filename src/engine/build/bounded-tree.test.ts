import { expect, test } from 'vitest'
import { memoryTree } from '../../base/file-tree.ts'
import { BoundedTree } from './bounded-tree.ts'

test('a build reads up to its bound, and is told which file went over it', async () => {
  const tree = new BoundedTree(memoryTree({ 'a.yaml': 'x'.repeat(6), 'b.yaml': 'y'.repeat(5) }), 10)
  expect((await tree.read('a.yaml'))?.length).toBe(6)
  expect(await tree.read('c.yaml')).toBeUndefined()
  await expect(tree.read('b.yaml')).rejects.toThrow(/^b\.yaml: .*at most 10 bytes/)
})

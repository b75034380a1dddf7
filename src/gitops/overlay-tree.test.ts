import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type FileTree, memoryTree } from '../base/file-tree.ts'
import { overlayTree } from './overlay-tree.ts'

const folder = fc.constantFrom('', 'a/', 'a/b/', 'c/')
const path = fc.tuple(folder, fc.constantFrom('x', 'y', 'z')).map(([start, name]) => start + name)
const files = fc.dictionary(path, fc.constantFrom('1', '2'), { maxKeys: 8 })
const changes = fc.dictionary(path, fc.constantFrom('3', undefined), { maxKeys: 8 })

async function all(tree: FileTree, at = ''): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const entry of await tree.list(at)) {
    expect((await tree.entry(entry.path))?.kind).toBe(entry.kind)
    if (entry.kind === 'folder') Object.assign(found, await all(tree, entry.path))
    else found[entry.path] = String(await tree.read(entry.path))
  }
  return found
}

it('shows a tree as its changes would make it', async () => {
  await fc.assert(
    fc.asyncProperty(files, changes, async (before, change) => {
      const overlay = overlayTree(
        memoryTree(before),
        Object.entries(change).map(([at, content]) => ({ path: at, content })),
      )
      const wanted = Object.fromEntries(
        Object.entries({ ...before, ...change }).filter(([, content]) => content !== undefined),
      )
      expect(await all(overlay)).toEqual(wanted)
    }),
  )
})

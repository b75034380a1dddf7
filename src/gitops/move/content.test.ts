import { describe, expect, it } from 'vitest'
import { type FileTree, memoryTree, type TreeEntry } from '../../base/file-tree.ts'
import { relocate } from './content.ts'
import type { Place } from './place.ts'

const from: Place = { url: 'u', branch: 'main', path: 'old', interval: '1m', syncInterval: '1m', secret: undefined }
const relocation = (path: string) => ({
  namespace: 'flux-system',
  from,
  to: { ...from, path },
  configs: { specs: new Map(), notes: [] },
  keepOld: false,
})

/** A tree whose entries of these paths are something else than plain files. */
function treeWith(files: Record<string, string>, special: Record<string, Partial<TreeEntry>>): FileTree {
  const tree = memoryTree(files)
  return {
    ...tree,
    list: async folder => (await tree.list(folder)).map(entry => ({ ...entry, ...special[entry.path] })),
  }
}

describe('a folder that moves', () => {
  it('keeps what can be run', async () => {
    const tree = treeWith({ 'old/run.sh': 'x', 'old/a.yaml': 'y' }, { 'old/run.sh': { executable: true } })
    const moved = (await relocate(tree, relocation('new'))).filter(change => change.content !== undefined)
    expect(moved.map(({ path, executable }) => [path, executable])).toEqual([
      ['new/a.yaml', undefined],
      ['new/run.sh', true],
    ])
  })

  it.each([
    ['link', 'a symbolic link'],
    ['other', 'a submodule'],
  ] as const)('is refused with a %s in it, by name, and only then', async (kind, seen) => {
    const tree = treeWith({ 'old/base/shared': 'x', 'old/a.yaml': 'y' }, { 'old/base/shared': { kind } })
    await expect(relocate(tree, relocation('new'))).rejects.toMatchObject({
      code: 'E_GITOPS_NOT_MOVABLE',
      facts: { object: 'old/base/shared', seen },
    })
    // Another branch takes the folder as it is.
    expect(await relocate(tree, relocation('old'))).toEqual([])
  })
})

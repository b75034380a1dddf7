import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { localTree } from './local-tree.ts'

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'sluice-tree-'))
  mkdirSync(join(root, 'work/sub'), { recursive: true })
  mkdirSync(join(root, 'work/.git'))
  writeFileSync(join(root, 'secret'), 'no')
  writeFileSync(join(root, 'work/a.yaml'), 'a')
  writeFileSync(join(root, 'work/sub/b.yaml'), 'b')
  symlinkSync('../secret', join(root, 'work/link'))
  symlinkSync('..', join(root, 'work/up'))
  symlinkSync('sub', join(root, 'work/inside'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

describe('a local tree', () => {
  it('lists and reads the files of a folder, without .git', async () => {
    const tree = localTree(join(root, 'work'))
    expect((await tree.list('')).map(({ name, kind }) => [name, kind])).toEqual([
      ['a.yaml', 'file'],
      ['inside', 'link'],
      ['link', 'link'],
      ['sub', 'folder'],
      ['up', 'link'],
    ])
    expect((await tree.read('sub/b.yaml'))?.toString()).toBe('b')
    expect(await tree.list('nothing')).toEqual([])
  })

  it.each([
    'link',
    'up/secret',
    'inside/b.yaml',
    '../secret',
    'sub/../a.yaml',
    '/etc/passwd',
    '.git/config',
    'sub',
    '',
  ])('does not read %j', async path => {
    expect(await localTree(join(root, 'work')).read(path)).toBeUndefined()
  })

  it('fails for a folder that is not there and a file that is too large', async () => {
    await expect(localTree(join(root, 'gone')).list('')).rejects.toMatchObject({ code: 'E_FILE_READ' })
    await expect(localTree(join(root, 'work'), { maxFileBytes: 0 }).read('a.yaml')).rejects.toMatchObject({
      code: 'E_GIT_OBJECT_TOO_LARGE',
    })
  })
})

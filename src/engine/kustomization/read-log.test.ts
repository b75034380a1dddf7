import { describe, expect, test } from 'vitest'
import { type FileTree, memoryTree } from '../../base/file-tree.ts'
import { build } from '../../kustomize/index.ts'
import { ReadLog, RecordingTree } from './read-log.ts'

const map = (name: string, value = '1') =>
  JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { value } })

const files = {
  'app/kustomization.yaml': 'resources: [../base, a.yaml]\n',
  'app/a.yaml': map('a'),
  'app/unused.txt': 'x',
  'base/kustomization.yaml': 'resources: [b.yaml]\n',
  'base/b.yaml': map('b'),
  'plain/a.yaml': map('c'),
  'other/x.yaml': map('d'),
}

async function logOf(folder: string): Promise<ReadLog> {
  const log = new ReadLog(folder)
  await build(new RecordingTree(memoryTree(files), log), folder, { loadRestrictor: 'none', generate: true })
  return log
}

describe('a build is only repeated when something that it read is different', () => {
  test.each([
    ['a file of its folder changed', 'app', { 'app/a.yaml': map('a', '2') }, false],
    ['a file of a base elsewhere changed', 'app', { 'base/b.yaml': map('b', '2') }, false],
    ['a kustomization of a base changed', 'app', { 'base/kustomization.yaml': 'resources: []\n' }, false],
    ['a file of another folder changed', 'app', { 'other/x.yaml': map('d', '2') }, true],
    ['a file that the kustomization does not name changed', 'app', { 'app/unused.txt': 'y' }, true],
    ['a file was added to a folder that is read whole', 'plain', { 'plain/b.yaml': map('e') }, false],
    ['a file of a folder that is read whole changed', 'plain', { 'plain/a.yaml': map('c', '2') }, false],
    [
      'a kustomization came to a folder that is read whole',
      'plain',
      { 'plain/kustomization.yml': 'resources: []\n' },
      false,
    ],
  ])('%s', async (_name, folder, change, same) => {
    const log = await logOf(folder)
    expect(await log.matches(memoryTree(files))).toBe(true)
    expect(await log.matches(memoryTree({ ...files, ...change } as Record<string, string>))).toBe(same)
  })

  test('an equal digest of the folder is enough, unless the build read outside of it', async () => {
    const digest = (folder: string, value: string): FileTree => ({
      ...memoryTree(files),
      entry: async path => (path === folder ? { name: folder, path, kind: 'folder', digest: value } : undefined),
      list: async () => Promise.reject(new Error('not asked')),
      read: async () => Promise.reject(new Error('not asked')),
    })
    const inside = new ReadLog('plain', 'd1')
    inside.note('read', 'plain/a.yaml', 'x')
    expect(await inside.matches(digest('plain', 'd1'))).toBe(true)
    inside.note('read', 'base/b.yaml', 'x')
    expect(await inside.matches(digest('plain', 'd1')).catch(() => 'asked further')).toBe('asked further')
  })

  test('a file that was read is gone', async () => {
    const { 'base/b.yaml': _gone, ...rest } = files
    expect(await (await logOf('app')).matches(memoryTree(rest))).toBe(false)
  })
})

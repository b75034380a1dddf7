import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { applyChanges } from './apply-changes.ts'
import { newObject, storeObjects } from './objects.ts'
import { runGit } from './process.ts'
import { Repository } from './repository.ts'
import type { FileChange } from './types.ts'

const dir = mkdtempSync(join(tmpdir(), 'sluice-apply-'))
const repository = new Repository(dir)
const ready = runGit(['init', '-q', '--bare', '--', dir])
let indexes = 0

afterAll(() => {
  repository.close()
  rmSync(dir, { recursive: true, force: true })
})

/** The tree that git's own index makes of files. */
async function gitTree(files: ReadonlyMap<string, string>): Promise<string> {
  const env = { GIT_INDEX_FILE: join(dir, `index-${indexes++}`) }
  const lines = [...files]
    .map(([path, text]) => `100644 ${newObject('blob', Buffer.from(text)).id}\t${path}\n`)
    .join('')
  expect((await runGit(['update-index', '--add', '--index-info'], { gitDir: dir, env, input: lines })).exitCode).toBe(0)
  return (await runGit(['write-tree', '--missing-ok'], { gitDir: dir, env })).stdout.toString().trim()
}

const part = fc.constantFrom('a', 'b', 'a.b', 'a-b', 'c')
const path = fc.array(part, { minLength: 1, maxLength: 3 }).map(parts => parts.join('/'))
const change = fc.record({ path, content: fc.option(fc.constantFrom('1', '2', '3'), { nil: undefined }) })
const changes = fc.uniqueArray(change, { selector: item => item.path, maxLength: 6 })

describe('changes of a tree', () => {
  it('make the tree that git itself makes of the same files', async () => {
    await ready
    await fc.assert(
      fc.asyncProperty(fc.array(changes, { minLength: 1, maxLength: 4 }), async rounds => {
        let tree: string | undefined
        const files = new Map<string, string>()
        for (const round of rounds) {
          const applied = await applyChanges(repository, tree, round as FileChange[]).catch(
            (error: { code: string }) => {
              expect(error.code).toBe('E_GIT_PATH_INVALID')
              return undefined
            },
          )
          if (!applied) continue
          await storeObjects(dir, applied.objects)
          tree = applied.tree
          for (const { path: removed, content } of round) if (content === undefined) files.delete(removed)
          for (const { path: written, content } of round) if (content !== undefined) files.set(written, content)
          expect(tree).toBe(await gitTree(files))
        }
      }),
      { numRuns: 40 },
    )
  })

  it('that are there already are none, and keep the executable bit', async () => {
    await ready
    const first = await applyChanges(repository, undefined, [{ path: 'run.sh', content: 'x', executable: true }])
    await storeObjects(dir, first.objects)
    expect(await applyChanges(repository, first.tree, [{ path: 'run.sh', content: 'x' }])).toMatchObject({
      tree: first.tree,
      paths: [],
    })
    const second = await applyChanges(repository, first.tree, [{ path: 'run.sh', content: 'y' }])
    await storeObjects(dir, second.objects)
    expect((await repository.treeEntries(second.tree))[0]!.mode).toBe('100755')
  })

  it('that collide are refused with the path', async () => {
    await ready
    const twice = [
      { path: 'a', content: '1' },
      { path: 'a', content: '2' },
    ]
    await expect(applyChanges(repository, undefined, twice)).rejects.toThrow('the same path twice')
    const both = [
      { path: 'a', content: '1' },
      { path: 'a/b', content: '2' },
    ]
    await expect(applyChanges(repository, undefined, both)).rejects.toMatchObject({ code: 'E_GIT_PATH_INVALID' })
  })
})

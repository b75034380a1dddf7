import fc from 'fast-check'
import ignore from 'ignore'
import { describe, expect, test } from 'vitest'
import { memoryTree } from '../../base/file-tree.ts'
import { FilteredTree } from './filtered-tree.ts'
import { Exclusions, IgnoreFiles } from './ignore.ts'

async function shown(files: Record<string, string>, specIgnore?: string): Promise<string[]> {
  const tree = memoryTree(files)
  const filtered = new FilteredTree(tree, await Exclusions.load(tree, specIgnore, new IgnoreFiles()))
  const found: string[] = []
  const walk = async (folder: string): Promise<void> => {
    for (const entry of await filtered.list(folder)) {
      if (entry.kind === 'folder') await walk(entry.path)
      else found.push(entry.path)
    }
  }
  await walk('')
  for (const path of Object.keys(files)) {
    expect((await filtered.read(path)) !== undefined, path).toBe(found.includes(path))
    expect((await filtered.entry(path)) !== undefined, path).toBe(found.includes(path))
  }
  return found
}

const repository = {
  'README.md': '',
  'logo.png': '',
  '.gitignore': '',
  '.github/workflows/ci.yaml': '',
  'apps/web/deployment.yaml': '',
  'apps/web/.sops.yaml': '',
  'apps/web/icon.jpg': '',
  'infra/base/a.yaml': '',
}

describe('which files belong to an artifact', () => {
  test('without any rule, Flux’s default list is left out', async () => {
    expect(await shown(repository)).toEqual(['README.md', 'apps/web/deployment.yaml', 'infra/base/a.yaml'])
  })

  test('spec.ignore replaces the default list, but files of version control stay out', async () => {
    expect(await shown(repository, '/infra\n# comment\n')).toEqual([
      '.github/workflows/ci.yaml',
      'README.md',
      'apps/web/.sops.yaml',
      'apps/web/deployment.yaml',
      'apps/web/icon.jpg',
      'logo.png',
    ])
  })

  test('everything but one folder can be left out', async () => {
    expect(await shown(repository, '/*\n!/infra')).toEqual(['infra/base/a.yaml'])
    expect(await shown(repository, '/*\n!/apps/web/deployment.yaml')).toEqual(['apps/web/deployment.yaml'])
  })

  test('a .sourceignore rules its own folder, and spec.ignore has the last word', async () => {
    const files = { 'a/.sourceignore': '*.txt\n', 'a/x.txt': '', 'a/y.yaml': '', 'b/x.txt': '' }
    expect(await shown(files)).toEqual(['a/.sourceignore', 'a/y.yaml', 'b/x.txt'])
    expect(await shown(files, '!a/x.txt')).toEqual(['a/.sourceignore', 'a/x.txt', 'a/y.yaml', 'b/x.txt'])
  })

  test('rules asked together say what they say one by one: the last that matches decides', async () => {
    const name = fc.constantFrom('a', 'b', 'c.txt')
    const path = fc.array(name, { minLength: 1, maxLength: 3 }).map(parts => parts.join('/'))
    const pattern = fc.oneof(
      path,
      path.map(text => `/${text}`),
      fc.constantFrom('*', '*.txt', '/*', 'a/', '**/b', 'a/**', '!a', '\\!a', '# a', ''),
    )
    const line = fc.tuple(fc.boolean(), pattern).map(([negated, text]) => (negated ? `!${text}` : text))
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 8 }), path, fc.boolean(), async (lines, asked, isFolder) => {
        const tree = memoryTree({})
        const together = await Exclusions.load(tree, lines.join('\n'), new IgnoreFiles(), 'none')
        const rules = lines.filter(text => text.trim() !== '' && !text.startsWith('#'))
        const last = rules.findLast(rule =>
          ignore()
            .add(rule.replace(/^!/, ''))
            .ignores(isFolder ? `${asked}/` : asked),
        )
        expect(together.excludes(asked, isFolder)).toBe(last !== undefined && !last.startsWith('!'))
      }),
      { numRuns: 500, examples: [[['*', '!a', '!!a'], 'a', false]] },
    )
  })
})

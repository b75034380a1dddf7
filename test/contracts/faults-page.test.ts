import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { errorCodesSorted } from '../../src/base/errors/index.ts'

describe('the page of faults', async () => {
  const root = new URL('../../', import.meta.url)
  const page = await readFile(new URL('docs/reference/faults.md', root), 'utf8')
  const rows = page.split('\n').filter(line => /^\| (?!fault )/.test(line))

  it('names in every row a test that is there', async () => {
    expect(rows.length).toBeGreaterThan(40)
    for (const row of rows) {
      const [, path, title] = /\| `((?:src|test)\/\S+\.test\.ts)` (.+) \|$/.exec(row) ?? []
      expect(path, row).toBeDefined()
      const text = await readFile(new URL(path ?? '', root), 'utf8')
      expect(text.includes(`'${title}'`), `${path}: ${title}`).toBe(true)
    }
  })

  it('names errors that are there', () => {
    const known = new Set<string>(errorCodesSorted())
    for (const code of page.match(/\bE_[A-Z_]+\b/g) ?? []) expect(known.has(code), code).toBe(true)
  })
})

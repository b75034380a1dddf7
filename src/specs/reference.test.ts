import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { specReferencePages } from './reference.ts'

describe('the reference pages of the specs', () => {
  for (const [path, text] of Object.entries(specReferencePages())) {
    it(`${path} is what the definitions say (npm run docs writes it)`, () => {
      expect(readFileSync(path, 'utf8')).toBe(text)
    })
  }

  it('give every field a meaning', () => {
    for (const text of Object.values(specReferencePages())) expect(text).not.toMatch(/\| *\|$/m)
  })
})

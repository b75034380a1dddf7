import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { asSluiceError, errorAreas, errorCodesSorted, errorEntry, SluiceError } from './index.ts'

describe('the error registry', () => {
  it('gives each code once', () => {
    const codes = Object.values(errorAreas).flatMap(area => Object.keys(area))
    expect(new Set(codes).size).toBe(codes.length)
  })

  it('says for each code what is wrong, when, and what to do', () => {
    for (const code of errorCodesSorted()) {
      const entry = errorEntry(code)
      expect(code).toMatch(/^E_[A-Z0-9_]+$/)
      for (const text of [entry.title, entry.cause, entry.fix]) expect(text.length, code).toBeGreaterThan(8)
      expect(entry.title, code).not.toMatch(/\.$/)
    }
  })

  it('is documented code by code in docs/reference/errors.md', () => {
    const page = readFileSync(new URL('../../../docs/reference/errors.md', import.meta.url), 'utf8')
    const documented = [...page.matchAll(/^### (E_[A-Z0-9_]+)$/gm)].map(([, code]) => code).sort()
    expect(documented).toEqual(errorCodesSorted())
  })
})

describe('a SluiceError', () => {
  const error = new SluiceError('E_FILE_READ', { object: 'a.yaml', expected: 'a file', seen: 'a folder' })

  it('says the object, what was expected, what was seen and the next step', () => {
    expect(error.message).toBe('a.yaml: a file cannot be read: expected a file, seen a folder')
    expect(error.next).toBe(errorEntry('E_FILE_READ').fix)
    expect(error.exitCode).toBe(3)
    expect(error.toJSON()).toMatchObject({ code: 'E_FILE_READ', object: 'a.yaml' })
  })

  it('wraps foreign errors and keeps their cause', () => {
    const cause = new TypeError('x is not a function')
    expect(asSluiceError(cause)).toMatchObject({ code: 'E_INTERNAL', cause })
    expect(asSluiceError(error)).toBe(error)
  })
})

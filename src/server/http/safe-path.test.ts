import fc from 'fast-check'
import { expect, it } from 'vitest'
import { safePath } from './safe-path.ts'

it('keeps a path of the console', () => {
  expect(safePath('/fleet/prod?tab=drift#top')).toBe('/fleet/prod?tab=drift#top')
})

it.each([
  '//evil.example',
  '/\\evil.example',
  '/\t/evil.example',
  'https://evil.example',
  'javascript:alert(1)',
  '',
  '/api/v1/oidc/begin',
  '/a/..//evil.example',
  '/x\r\nset-cookie: a',
])('gives the start page for %j', text => {
  expect(safePath(text)).toBe('/')
})

it('never leaves the origin', () => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom('', '/', '//', '/\\', '/..//'), (text, start) => {
      expect(new URL(safePath(start + text), 'https://sluice.example').origin).toBe('https://sluice.example')
    }),
  )
})

import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkBranchName, checkRefName, isBranchName, isRefName } from './ref-name.ts'

const git = (...args: string[]) => spawnSync('git', ['check-ref-format', ...args]).status === 0

/** Names made of the pieces that the rules are about. */
const piece = fc.constantFrom(
  'a',
  'B9',
  '.',
  '..',
  '/',
  '//',
  '@',
  '@{',
  '{',
  '.lock',
  '-',
  '~',
  '^',
  ':',
  '?',
  '*',
  '[',
  '\\',
  ' ',
  '\x7f',
  'é',
  'HEAD',
  'refs',
  'heads',
  '$',
)
const name = fc.array(piece, { minLength: 1, maxLength: 6 }).map(parts => parts.join(''))

describe('ref names', () => {
  it('are the ones that git takes, but none that starts with a hyphen', () => {
    fc.assert(
      fc.property(name, text => {
        expect(isRefName(text), text).toBe(git(text) && !text.startsWith('-'))
        expect(isRefName(`refs/heads/${text}`), text).toBe(git(`refs/heads/${text}`))
      }),
      { numRuns: 150 },
    )
  })

  it('of branches are the ones that git takes', () => {
    for (const text of [
      'main',
      'clusters/prod',
      'a.b',
      'HEAD',
      '-x',
      'a..b',
      'a.lock',
      'a/.b',
      '@',
      'a@{1}',
      'ä/ö',
      '',
      'a/',
      '/a',
      'a\n',
    ]) {
      expect(isBranchName(text), text).toBe(text !== 'a\n' && text !== '' && git('--branch', text))
    }
  })

  it('that are refused come with the name and a good example', () => {
    expect(() => checkBranchName('--upload-pack=touch /tmp/x', 'gitops.branch')).toThrow(
      /gitops\.branch.*main.*--upload-pack/,
    )
    expect(() => checkRefName('refs/heads/../../x')).toThrow(/refs\/heads\/main/)
    expect(() => checkRefName('refs/heads/a\nb')).toThrow()
  })
})

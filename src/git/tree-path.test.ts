import { describe, expect, it } from 'vitest'
import { checkTreePath } from './tree-path.ts'

describe('paths in a repository', () => {
  it.each(['a', 'a/b.yaml', '.github/x', '.gitignore', 'a/.gitmodules', 'ä', 'a b', 'git~2'])('accept %j', path => {
    expect(() => checkTreePath(path)).not.toThrow()
  })

  it.each([
    '',
    '/a',
    'a/',
    'a//b',
    '.',
    'a/../b',
    '..',
    '.git/config',
    'a/.GIT/x',
    '.git\u200c/x',
    'git~1/x',
    '.git ',
    '.git.',
    '.git::$INDEX_ALLOCATION/x',
    'a\\b',
    'a\nb',
    'a\0b',
    'x'.repeat(300),
    '\ud800',
  ])('refuse %j', path => {
    expect(() => checkTreePath(path)).toThrow(expect.objectContaining({ code: 'E_GIT_PATH_INVALID' }))
  })
})

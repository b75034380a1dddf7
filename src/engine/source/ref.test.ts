import { describe, expect, test } from 'vitest'
import { commitOfRevision, followedRef, formatRevision } from './ref.ts'
import { sameRepository } from './same-repository.ts'

const sha = 'a'.repeat(40)

describe('what a GitRepository follows', () => {
  test.each([
    [undefined, { kind: 'ref', ref: 'refs/heads/master', label: 'master' }],
    [{ branch: 'a/b' }, { kind: 'ref', ref: 'refs/heads/a/b', label: 'a/b' }],
    [
      { tag: 'v1', branch: 'main' },
      { kind: 'ref', ref: 'refs/tags/v1', label: 'v1' },
    ],
    [
      { semver: '>1', tag: 'v1' },
      { kind: 'semver', range: '>1' },
    ],
    [
      { name: 'refs/pull/1/head', semver: '>1' },
      { kind: 'ref', ref: 'refs/pull/1/head', label: 'refs/pull/1/head' },
    ],
    [
      { commit: sha, name: 'x', branch: 'main' },
      { kind: 'commit', commit: sha, branch: 'main' },
    ],
  ])('%j', (spec, expected) => {
    expect(followedRef(spec)).toEqual(expected)
  })
})

test('a revision is written as Flux writes it and read in the old form too', () => {
  expect(formatRevision('main', sha)).toBe(`main@sha1:${sha}`)
  expect(formatRevision(undefined, sha)).toBe(`sha1:${sha}`)
  expect(formatRevision('main', 'b'.repeat(64))).toBe(`main@sha256:${'b'.repeat(64)}`)
  for (const text of [`main@sha1:${sha}`, `sha1:${sha}`, `feature/x@sha1:${sha}`, `main/${sha}`]) {
    expect(commitOfRevision(text)).toBe(sha)
  }
  expect(commitOfRevision('main@sha1:short')).toBeUndefined()
})

test('clone URLs of one repository are told apart from others', () => {
  const one = 'https://github.com/acme/fleet.git'
  for (const same of [
    'https://github.com/acme/fleet',
    'https://GitHub.com/acme/fleet/',
    'https://x@github.com/acme/fleet.git',
  ]) {
    expect(sameRepository(one, same)).toBe(true)
  }
  for (const other of ['https://github.com/acme/fleet2', 'https://gitlab.com/acme/fleet', '.*', '']) {
    expect(sameRepository(one, other)).toBe(false)
  }
})

import { describe, expect, it } from 'vitest'
import { namedScopes } from './failure.ts'
import { globMatches } from './protection.ts'

describe('what Gitea says of a missing scope', () => {
  it.each([
    ['token does not have at least one of required scope(s): [read:user]', { wanted: ['read:user'], has: undefined }],
    [
      'token does not have at least one of required scope(s), required=[read:user read:admin], token scope=write:issue,read:misc',
      { wanted: ['read:user', 'read:admin'], has: 'write:issue,read:misc' },
    ],
    ['user should have a permission to write', undefined],
  ])('%s', (said, found) => expect(namedScopes(said)).toEqual(found))
})

describe('the globs of protected branches', () => {
  it.each([
    ['main', 'main', true],
    ['release/*', 'release/1', true],
    ['release/*', 'release/1/a', false],
    ['release/**', 'release/1/a', true],
    ['v?', 'v1', true],
    ['v.', 'v1', false],
  ])('%s and %s: %s', (rule, branch, hit) => expect(globMatches(rule, branch)).toBe(hit))
})

import { describe, expect, it } from 'vitest'
import { findGitHubToken } from './token-source.ts'

const reveal = (env: Record<string, string>, text?: string) => {
  const file = text === undefined ? undefined : { name: 'github.env', text }
  const { token, from } = findGitHubToken({ env, ...(file ? { file } : {}) })
  return [token.reveal(), from]
}

describe('the token', () => {
  it("is EKS Anywhere's variable before the common one", () => {
    expect(reveal({ GITHUB_TOKEN: 'b', EKSA_GITHUB_TOKEN: 'a' })).toEqual(['a', 'EKSA_GITHUB_TOKEN'])
    expect(reveal({ GITHUB_TOKEN: 'b' })).toEqual(['b', 'GITHUB_TOKEN'])
  })

  it.each([
    ['alone', 'tok\n'],
    ['as a variable', 'EKSA_GITHUB_TOKEN=tok\n'],
    ['exported and quoted, with comments', '# mine\nexport EKSA_GITHUB_TOKEN="tok"\r\nOTHER=x\n'],
    ['with single quotes', "GITHUB_TOKEN='tok'"],
  ])('is read from a file: %s', (_, text) =>
    expect(reveal({ GITHUB_TOKEN: 'env' }, text)).toEqual(['tok', 'github.env']),
  )

  it.each([
    ['empty', '', 'an empty file'],
    ['other keys', 'A=1\nB=2', 'the keys A, B'],
    ['several plain lines', 'one\ntwo', '2 lines'],
  ])('is refused when the file is %s, and no line of the file is shown', (_, text, seen) => {
    expect(() => reveal({}, text)).toThrow(seen)
  })

  it('missing names the places, and a token of another host as what it is', () => {
    expect(() => reveal({})).toThrow('EKSA_GITHUB_TOKEN or GITHUB_TOKEN')
    expect(() => reveal({ GITLAB_TOKEN: 'x' })).toThrow('only GITLAB_TOKEN')
    expect(() => reveal({ EKSA_GITHUB_TOKEN: '  ' })).toThrow('none of them set')
  })
})

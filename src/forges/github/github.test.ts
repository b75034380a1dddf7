import { describe, expect, it } from 'vitest'
import { gitHubAddresses } from './addresses.ts'
import { gitHubFailure, permissionWords, ssoLink } from './failure.ts'
import { readProtection } from './protection.ts'
import { readExpiry, readScopes } from './read.ts'

const answer = (status: number, body: unknown = {}, headers: Record<string, string> = {}) => ({ status, body, headers })

describe('the addresses of a GitHub', () => {
  it.each([
    ['github.com', 'https://github.com', 'https://api.github.com'],
    ['https://GitHub.com/', 'https://github.com', 'https://api.github.com'],
    ['api.github.com', 'https://github.com', 'https://api.github.com'],
    ['acme.ghe.com', 'https://acme.ghe.com', 'https://api.acme.ghe.com'],
    ['git.example.com', 'https://git.example.com', 'https://git.example.com/api/v3'],
    ['git.example.com:8443', 'https://git.example.com:8443', 'https://git.example.com:8443/api/v3'],
    ['127.0.0.1:3000', 'http://127.0.0.1:3000', 'http://127.0.0.1:3000/api/v3'],
  ])('%s', (host, web, apiBase) => expect(gitHubAddresses(host)).toMatchObject({ web, apiBase }))

  it.each([
    '',
    'git hub.com',
    'user@github.com',
    'http://git.example.com',
    'github.com/acme',
    'ftp://github.com',
    '-x',
  ])('refuse %j', host => {
    expect(() => gitHubAddresses(host)).toThrow(expect.objectContaining({ code: 'E_FORGE_ADDRESS_INVALID' }))
  })

  it('refuse an API base that would send the token in the clear', () => {
    expect(() => gitHubAddresses('git.example.com', 'http://git.example.com/api/v3')).toThrow()
    expect(gitHubAddresses('git.example.com', 'https://git.example.com/x/api/v3/').apiBase).toBe(
      'https://git.example.com/x/api/v3',
    )
  })
})

describe('what GitHub says', () => {
  it.each([
    ['2026-01-31 09:00:00 UTC', '2026-01-31T09:00:00.000Z'],
    ['2026-01-31 09:00:00 +0100', '2026-01-31T08:00:00.000Z'],
    ['2026-01-31 09:00:00 -05:00', '2026-01-31T14:00:00.000Z'],
    ['2026-01-31T09:00:00Z', '2026-01-31T09:00:00.000Z'],
    ['never', undefined],
    ['2026-13-45 09:00:00 UTC', undefined],
    [undefined, undefined],
  ])('of the end of a token, %j, is %s', (header, iso) => expect(readExpiry(header)).toBe(iso))

  it('of scopes is a list, also when there are none', () => {
    expect(readScopes('repo, read:org')).toEqual(['repo', 'read:org'])
    expect(readScopes('')).toEqual([])
  })

  it('of single sign-on is a page to open', () => {
    const found = gitHubFailure(
      answer(403, { message: 'SAML' }, { 'x-github-sso': 'required; url=https://github.com/orgs/acme/sso?x=1' }),
      { object: 'o', act: 'read' },
    )
    expect(found).toMatchObject({
      code: 'E_TOKEN_SSO',
      next: expect.stringContaining('https://github.com/orgs/acme/sso?x=1'),
    })
    expect(ssoLink(answer(200, {}, { 'x-github-sso': 'partial-results; organizations=1' }))).toBeUndefined()
  })

  it('of permissions is put as the page of the token puts it', () => {
    expect(permissionWords('administration=write,contents=read; metadata=read')).toBe(
      '"Administration: read and write" and "Contents: read"',
    )
  })
})

describe('the protection of a branch', () => {
  const read = (answers: Record<string, ReturnType<typeof answer>>) =>
    readProtection(
      {
        get: async path =>
          answers[path.replace('/repos/a/b', '').split('?')[0]!] ?? answer(404, { message: 'Not Found' }),
      },
      '/repos/a/b',
      'feature/x',
    )
  const notProtected = answer(404, { message: 'Branch not protected' })

  it('is none when nothing applies', async () => {
    expect(
      await read({ '/rules/branches/feature/x': answer(200, []), '/branches/feature%2Fx/protection': notProtected }),
    ).toBeUndefined()
  })

  it('is read from rulesets, which no administrator is exempt from', async () => {
    const rules = answer(200, [{ type: 'pull_request' }, { type: 'required_signatures' }])
    expect(
      await read({ '/rules/branches/feature/x': rules, '/branches/feature%2Fx/protection': notProtected }),
    ).toEqual({
      requiresPullRequest: true,
      requiresSignatures: true,
      adminsBypass: false,
    })
  })

  it('is partial when only its being there is told', async () => {
    const found = await read({
      '/rules/branches/feature/x': answer(200, []),
      '/branches/feature/x': answer(200, { protected: true }),
    })
    expect(found).toMatchObject({ partial: true, requiresPullRequest: false })
  })
})

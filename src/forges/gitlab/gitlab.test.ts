import { describe, expect, it } from 'vitest'
import { gitLabAddresses } from './addresses.ts'
import { gitLabFailure } from './failure.ts'
import { matches, readProtection } from './protection.ts'
import { levelIn, readIdentity, readProject } from './read.ts'
import { creationRule } from './roles.ts'

const answer = (status: number, body: unknown = {}) => ({ status, body, headers: {} })

describe('the addresses of a GitLab', () => {
  it.each([
    ['gitlab.com', 'https://gitlab.com', 'https://gitlab.com/api/v4'],
    ['https://GitLab.com/', 'https://gitlab.com', 'https://gitlab.com/api/v4'],
    ['git.example.com/gitlab', 'https://git.example.com/gitlab', 'https://git.example.com/gitlab/api/v4'],
    [
      'https://git.example.com:8443/a/b/',
      'https://git.example.com:8443/a/b',
      'https://git.example.com:8443/a/b/api/v4',
    ],
    ['https://git.example.com/api/v4', 'https://git.example.com', 'https://git.example.com/api/v4'],
    ['127.0.0.1:3000', 'http://127.0.0.1:3000', 'http://127.0.0.1:3000/api/v4'],
  ])('%s', (host, web, apiBase) => expect(gitLabAddresses(host)).toMatchObject({ web, apiBase }))

  it.each(['', 'http://git.example.com', 'mona@gitlab.com', 'gitlab.com/../x', 'git.example.com/a?b'])(
    'refuse %j',
    host => {
      expect(() => gitLabAddresses(host)).toThrow(expect.objectContaining({ code: 'E_FORGE_ADDRESS_INVALID' }))
    },
  )
})

describe('what GitLab says', () => {
  it('of the end of a token is a day at midnight UTC, or none', () => {
    expect(readIdentity({ username: 'mona' }, { scopes: ['api'], expires_at: '2027-01-31' }).expiresAt).toBe(
      '2027-01-31T00:00:00.000Z',
    )
    expect(readIdentity({ username: 'mona' }, { scopes: ['api'], expires_at: null }).expiresAt).toBeUndefined()
  })

  it('of a project is read also when it is empty or marked for removal', () => {
    const found = {
      path_with_namespace: 'a/b/c',
      visibility: 'private',
      default_branch: null,
      marked_for_deletion_on: '2027-01-31',
    }
    expect(readProject(found, 30)).toMatchObject({
      owner: 'a/b',
      name: 'c',
      private: true,
      defaultBranch: 'main',
      deletionOn: '2027-01-31',
      permissions: { pull: true, push: true, admin: false },
    })
  })

  it('of access is the highest of project and group', () => {
    expect(levelIn({ permissions: { project_access: { access_level: 20 }, group_access: { access_level: 40 } } })).toBe(
      40,
    )
    expect(levelIn({ permissions: { project_access: null, group_access: null } })).toBe(0)
  })

  it('of a missing scope names the scope', () => {
    const found = gitLabFailure(answer(403, { error: 'insufficient_scope', scope: 'api read_api' }), {
      object: 'o',
      act: 'x',
    })
    expect(found).toMatchObject({ code: 'E_TOKEN_SCOPE', next: expect.stringContaining('the scope api') })
  })

  it.each([
    ['noone', 50, false],
    ['owner', 40, false],
    ['owner', 50, true],
    ['maintainer', 30, false],
    ['developer', 30, true],
    ['developer', 20, false],
    ['administrator', 50, false],
    [undefined, 30, undefined],
    [undefined, 20, false],
  ])('of who creates projects, %s lets level %i: %s', (word, level, may) => {
    expect(creationRule(word).allows(level)).toBe(may)
  })
})

describe('the protection of a branch', () => {
  const read = (level: number, rules: unknown[], pushRule: unknown = {}) => {
    const answers: Record<string, ReturnType<typeof answer>> = {
      '/protected_branches?per_page=100': answer(200, rules),
      '/push_rule': answer(200, pushRule),
    }
    const reader = { get: async (path: string) => answers[path.slice('/projects/1'.length)] ?? answer(404) }
    return readProtection(reader, '/projects/1', 'release/1', level)
  }
  const rule = (name: string, ...levels: number[]) => ({
    name,
    push_access_levels: levels.map(level => ({ access_level: level })),
  })

  it('of a branch that is not there is matched against the wildcards', async () => {
    expect(await read(30, [rule('main', 40)])).toBeUndefined()
    expect(await read(30, [rule('release/*', 40)])).toMatchObject({ mayPush: false, requiresPullRequest: true })
    expect(await read(40, [rule('release/*', 40)])).toMatchObject({ mayPush: true })
    expect(await read(50, [rule('*', 0)])).toMatchObject({ mayPush: false })
    expect(await read(30, [rule('*', 40), rule('release/*', 30)])).toMatchObject({ mayPush: true })
  })

  it('may want signed commits by a push rule alone', async () => {
    expect(await read(40, [], { reject_unsigned_commits: true })).toMatchObject({ requiresSignatures: true })
  })

  it('takes only `*` as more than itself', () => {
    expect(matches('v1.0', 'v1x0')).toBe(false)
    expect(matches('*-stable', 'a/b-stable')).toBe(true)
  })
})

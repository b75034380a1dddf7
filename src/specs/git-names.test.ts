import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isBranchName } from '../git/ref-name.ts'
import {
  branchNameProblem,
  normalizeRepositoryPath,
  ownerNameProblem,
  ownerPathProblem,
  readRepositoryUrl,
  repositoryNameProblem,
  repositoryPathProblem,
} from './git-names.ts'

describe('branch names', () => {
  // What EKS Anywhere accepts, and legal names that it refuses by mistake.
  const legal = [
    'main',
    'my-branch',
    'feature/x',
    'v1.0',
    'team_a/dev',
    'm',
    '1',
    'feature/a/b',
    'my-feature/x',
    'release-1.0',
  ]
  for (const name of legal) {
    it(`accepts ${name}`, () => expect(branchNameProblem(name)).toBeUndefined())
  }

  const illegal: [string, string][] = [
    ['', 'empty'],
    ['-x', "starts with '-'"],
    ['HEAD', 'not a branch'],
    ['a b', 'a space'],
    ['a..b', "'..'"],
    ['a//b', 'empty part'],
    ['/a', 'empty part'],
    ['a/', 'empty part'],
    ['clusters./.x', "starts with '.'"],
    ['a.lock', '.lock'],
    ['a.lock/b', '.lock'],
    ['a.', "ends with '.'"],
    ['a@{1}', '@{'],
    ['a~1', '"~"'],
    ['a\u0007', '\\u0007'],
  ]
  for (const [name, reason] of illegal) {
    it(`refuses ${JSON.stringify(name)} and says why`, () => expect(branchNameProblem(name)).toContain(reason))
  }

  it('agree with what the Git layer accepts', () => {
    const part = fc.stringMatching(/^[a-zA-Z0-9._~^:?*[\\@{ -]{0,6}$/)
    const names = fc.oneof(
      fc.array(part, { minLength: 1, maxLength: 4 }).map(parts => parts.join('/')),
      fc.string(),
    )
    fc.assert(
      fc.property(names, name => {
        fc.pre(name !== '@')
        expect(branchNameProblem(name) === undefined).toBe(isBranchName(name))
      }),
    )
  })
})

describe('GitHub names', () => {
  it('accepts repositories of letters, digits, dashes, underscores and dots', () => {
    for (const name of ['fleet', 'my.fleet_2-b', '.github', 'a']) expect(repositoryNameProblem(name)).toBeUndefined()
  })

  it('refuses repositories that GitHub would rename or refuse', () => {
    for (const name of ['a/b', 'a b', '.', '..', 'x.git', 'x'.repeat(101), 'ü']) {
      expect(repositoryNameProblem(name), name).toBeDefined()
    }
  })

  it('accepts the paths of nested groups, and none that lead elsewhere', () => {
    for (const name of ['acme', 'acme/platform', 'acme/platform.eu/a_b']) expect(ownerPathProblem(name)).toBeUndefined()
    for (const name of ['a.b', 'acme/', '/acme', 'acme//b', 'acme/..', 'acme/.git', 'acme/a b', 'a/'.repeat(21)])
      expect(ownerPathProblem(name), name).toBeDefined()
  })

  it('accepts owners with dashes, and managed users with an underscore', () => {
    for (const name of ['acme', 'acme-inc', 'jane_acme', '1']) expect(ownerNameProblem(name)).toBeUndefined()
    for (const name of ['-acme', 'a.b', 'a/b', 'x'.repeat(40)]) expect(ownerNameProblem(name), name).toBeDefined()
  })
})

describe('repository addresses', () => {
  it('knows ssh, https, the short form of SSH, and http on this machine', () => {
    expect(readRepositoryUrl('ssh://git@github.com/acme/fleet.git')).toEqual({ form: 'ssh', host: 'github.com' })
    expect(readRepositoryUrl('ssh://APKAEXAMPLE@git-codecommit.us-west-2.amazonaws.com/v1/repos/x')).toMatchObject({
      form: 'ssh',
    })
    expect(readRepositoryUrl('https://git.acme.example:8443/team/fleet')).toEqual({
      form: 'https',
      host: 'git.acme.example:8443',
    })
    expect(readRepositoryUrl('git@github.com:acme/fleet.git')).toEqual({ form: 'scp', host: 'github.com' })
    expect(readRepositoryUrl('http://127.0.0.1:3000/acme/fleet.git')).toMatchObject({ form: 'http' })
  })

  const bad: [string, string][] = [
    ['http://git.acme.example/a/b', 'clear text'],
    ['https://jane:token@github.com/a/b', 'credentials'],
    ['https://token@github.com/a/b', 'credentials'],
    ['ssh://git:pw@host/a', 'credentials'],
    ['ssh://git@github.com:acme/fleet', 'write ssh://git@github.com/acme/fleet'],
    ['file:///srv/git/a', 'invalid repository url scheme: file'],
    ['git://host/a', 'invalid repository url scheme: git'],
    ['/srv/git/a', 'neither'],
    ['https://github.com/', 'names no repository'],
    ['https://github.com/a b', 'space'],
    ['https://github.com/a/b?x=1', "'?'"],
  ]
  for (const [url, reason] of bad) {
    it(`refuses ${url}`, () => expect((readRepositoryUrl(url) as { problem: string }).problem).toContain(reason))
  }
})

describe('folders of a repository', () => {
  it('refuses what is absolute or leads out of the repository', () => {
    for (const path of ['/a', '..', 'a/../..', 'a/..', 'a\\b', '.git/hooks', 'a/.GIT', 'a\nb']) {
      expect(repositoryPathProblem(path), path).toBeDefined()
    }
    for (const path of ['a', 'clusters/mgmt', './a/', '.', 'a.b/c..d'])
      expect(repositoryPathProblem(path), path).toBeUndefined()
  })

  it('brings paths into one plain form', () => {
    expect(normalizeRepositoryPath('./clusters//mgmt/')).toBe('clusters/mgmt')
    expect(normalizeRepositoryPath('.')).toBe('')
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', '.', '')), parts => {
        const once = normalizeRepositoryPath(parts.join('/'))
        expect(normalizeRepositoryPath(once)).toBe(once)
        expect(once).not.toMatch(/^\/|\/$|\/\/|(^|\/)\.(\/|$)/)
      }),
    )
  })
})

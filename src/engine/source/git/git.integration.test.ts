import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { conditionOf } from '../../../kube/condition.ts'
import { startCluster } from '../../../sandbox/cluster/start.ts'
import { startForge } from '../../../sandbox/forge/index.ts'
import { FaultyServer } from '../../testing/faulty-server.ts'
import { artifactIn, putSecret, requestSource, sourceHandled, sourceReady } from '../../testing/sources.ts'
import { configMap, messageOf, World } from '../../testing/world.ts'
import { treeOfArchive } from '../archive/archive-tree.ts'
import { filesOf } from '../archive/pack.ts'

// What a GitRepository can be told beside a branch, on a real Git host.
let world: World
let first: string

beforeAll(async () => {
  world = await World.open({ startCluster, startForge }, { 'app/a.yaml': configMap('app'), 'lib/b.txt': 'lib' })
  first = git('rev-parse', 'main')
  await world.start()
})
afterAll(() => world.close())

const ready = (name: string, revision?: string) => sourceReady(world, 'GitRepository', name, revision)
const failed = (name: string, reason: string) => world.failed(name, reason, 'GitRepository')
const paths = async (name: string) => {
  const artifact = artifactIn(await ready(name))!
  const tree = await treeOfArchive(readFileSync(join(world.dir, 'engine/artifacts', artifact.path)))
  return (await filesOf(tree)).map(({ path }) => path)
}

/** git in the forge's own bare repository. */
function git(...args: string[]): string {
  const root = join(world.dir, 'forge')
  const bare = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isDirectory() && entry.name === 'refs')
    .map(entry => entry.parentPath)
    .sort((a, b) => a.length - b.length)[0]!
  const identity = ['-c', 'user.name=Octo', '-c', 'user.email=octo@example.com']
  return execFileSync('git', ['--git-dir', bare, ...identity, ...args], { encoding: 'utf8', input: '' }).trim()
}

describe('tags', () => {
  test('the highest version in a range; a new tag in it is taken with the next push, prereleases only where asked', async () => {
    for (const tag of ['v1.0.0', 'v1.1.0', '1.2', 'nightly', 'v2.0.0-rc.1']) git('tag', tag, first)
    await world.source({ ref: { semver: '>=1.0.0', tag: 'nightly', branch: 'main' } }, 'ranged')
    await ready('ranged', `v1.1.0@sha1:${first}`)
    await world.source({ ref: { semver: '>=1.0.0-0' } }, 'pre')
    await ready('pre', `v2.0.0-rc.1@sha1:${first}`)
    const second = await world.commit({ 'n.txt': '1' })
    git('tag', '-a', '-m', 'annotated', 'v1.2.0', second)
    world.engine?.notifyPush({ url: world.url, ref: 'refs/tags/v1.2.0' })
    await ready('ranged', `v1.2.0@sha1:${second}`)
    await world.source({ ref: { semver: '>9' } }, 'nothing')
    expect(messageOf(await failed('nothing', 'GitOperationFailed'))).toBe(
      'failed to checkout and determine revision: no match found for semver: >9',
    )
  })
})

describe('includes', () => {
  test('are copied in at their place, wait for theirs, and follow them', async () => {
    git('branch', 'lib', first)
    await world.source(
      {
        include: [
          { repository: { name: 'lib' }, fromPath: 'lib', toPath: 'vendor/lib' },
          { repository: { name: 'lib' } },
        ],
      },
      'with',
    )
    const waiting = await world.failed('with', 'NotFound', 'GitRepository')
    expect(messageOf(waiting)).toBe(
      `could not get resource for include 'lib': gitrepositories.source.toolkit.fluxcd.io "lib" not found`,
    )
    expect(conditionOf(waiting, 'IncludeUnavailable')?.status).toBe('True')
    await world.source({ ref: { branch: 'lib' } }, 'lib')
    const object = await ready('with')
    expect(conditionOf(object, 'IncludeUnavailable')).toBeUndefined()
    expect(object['status']).toMatchObject({
      includedArtifacts: [{ revision: `lib@sha1:${first}` }, { revision: `lib@sha1:${first}` }],
      observedInclude: [
        { repository: { name: 'lib' }, fromPath: 'lib', toPath: 'vendor/lib' },
        { repository: { name: 'lib' } },
      ],
    })
    expect(await paths('with')).toEqual([
      'app/a.yaml',
      'lib/app/a.yaml',
      'lib/b.txt',
      'lib/lib/b.txt',
      'n.txt',
      'vendor/lib/b.txt',
    ])
    const before = artifactIn(object)!
    const newer = await world.commit({ 'lib/c.txt': 'more' }, 'lib')
    world.engine?.notifyPush({ url: world.url, ref: 'refs/heads/lib' })
    const after = await world.until('GitRepository', 'with', one =>
      JSON.stringify((one?.['status'] as Record<string, unknown> | undefined)?.['includedArtifacts'] ?? '').includes(
        newer,
      ),
    )
    expect(artifactIn(after)?.revision).toBe(before.revision)
    expect(artifactIn(after)?.digest).not.toBe(before.digest)
    expect(await paths('with')).toContain('vendor/lib/c.txt')
    await world.source({ include: [{ repository: { name: 'lib' }, toPath: '../../etc' }] }, 'escape')
    expect(conditionOf(await failed('escape', 'IllegalPath'), 'StorageOperationFailed')?.status).toBe('True')
  })

  test('a Kustomization builds from what they make', async () => {
    await world.kustomization('included', { path: './lib/app', sourceRef: { kind: 'GitRepository', name: 'with' } })
    await world.ready('included')
    expect(await world.find('ConfigMap', 'app')).toBeDefined()
  })
})

describe('submodules', () => {
  test('of the same host come with the source, recursively; a host that is asked besides gets no credentials', async () => {
    const evil = await FaultyServer.start(() => ({ status: 404 }))
    try {
      const withModule = (url: string, id: string, parent: string): string => {
        const blob = execFileSync(
          'git',
          ['--git-dir', git('rev-parse', '--absolute-git-dir'), 'hash-object', '-w', '--stdin'],
          {
            input: `[submodule "m"]\n\tpath = modules/m\n\turl = ${url}\n`,
            encoding: 'utf8',
          },
        ).trim()
        const dir = git('rev-parse', '--absolute-git-dir')
        const mktree = (lines: string) =>
          execFileSync('git', ['--git-dir', dir, 'mktree', '--missing'], { input: lines, encoding: 'utf8' }).trim()
        const modules = mktree(`160000 commit ${id}\tm\n`)
        const tree = mktree(
          `${git('ls-tree', parent)}\n100644 blob ${blob}\t.gitmodules\n040000 tree ${modules}\tmodules\n`,
        )
        return git('commit-tree', '-m', 'with a submodule', tree)
      }
      const inner = withModule('../fleet.git', first, first)
      git('update-ref', 'refs/heads/inner', inner)
      git('update-ref', 'refs/heads/outer', withModule('../fleet.git', inner, first))
      await world.source({ ref: { branch: 'outer' }, recurseSubmodules: true }, 'outer')
      const object = await ready('outer')
      expect(object['status']).toMatchObject({ observedRecurseSubmodules: true })
      expect(await paths('outer')).toEqual([
        'app/a.yaml',
        'lib/b.txt',
        'modules/m/app/a.yaml',
        'modules/m/lib/b.txt',
        'modules/m/modules/m/app/a.yaml',
        'modules/m/modules/m/lib/b.txt',
      ])
      git('update-ref', 'refs/heads/lured', withModule(`${evil.url}/x/y.git`, inner, first))
      await putSecret(world, 'any', { username: 'octo', password: 'her-password-1' })
      await world.source({ ref: { branch: 'lured' }, recurseSubmodules: true }, 'lured')
      await failed('lured', 'GitOperationFailed')
      expect(evil.requests.length).toBeGreaterThan(0)
      expect(evil.requests.filter(({ authorization }) => authorization !== undefined)).toEqual([])
      git('update-ref', 'refs/heads/local', withModule('file:///etc', inner, first))
      await world.source({ ref: { branch: 'local' }, recurseSubmodules: true }, 'local')
      await failed('local', 'URLInvalid')
    } finally {
      await evil.close()
    }
  })
})

describe('sparse checkout and exclusions', () => {
  test('folders must be there', async () => {
    await world.source({ sparseCheckout: ['./app', 'none'] }, 'sparse')
    expect(messageOf(await failed('sparse', 'GitOperationFailed'))).toBe(
      "failed to sparse checkout directories : sparse checkout dir 'none' does not exist in repository",
    )
    await world.source({ sparseCheckout: ['./app'] }, 'sparse')
    expect((await ready('sparse'))['status']).toMatchObject({ observedSparseCheckout: ['./app'] })
  })
})

describe('signatures', () => {
  test('decide whether a commit is taken: a good one is said, a bad one keeps the last artifact', async () => {
    const key = join(world.dir, 'signer')
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])
    const sign = (parent: string, signed: boolean) =>
      git(
        '-c',
        'gpg.format=ssh',
        '-c',
        `user.signingkey=${key}`,
        'commit-tree',
        ...(signed ? ['-S'] : []),
        '-p',
        parent,
        '-m',
        'signed',
        `${first}^{tree}`,
      )
    const good = sign(first, true)
    git('update-ref', 'refs/heads/signed', good)
    await putSecret(world, 'signers', { 'ann.sshpub': readFileSync(`${key}.pub`, 'utf8') })
    await world.source(
      { ref: { branch: 'signed' }, verify: { mode: 'HEAD', secretRef: { name: 'signers' } } },
      'signed',
    )
    const object = await ready('signed', `signed@sha1:${good}`)
    expect(messageOf(object, 'SourceVerified')).toMatch(
      new RegExp(`^verified signature of\n\t- commit '${good}' with key 'SHA256:`),
    )
    expect(object['status']).toMatchObject({ sourceVerificationMode: 'HEAD' })
    git('update-ref', 'refs/heads/signed', sign(good, false))
    await requestSource(world, 'GitRepository', 'signed', 'unsigned')
    const bad = await sourceHandled(world, 'GitRepository', 'signed', 'unsigned')
    expect(conditionOf(bad, 'Ready')).toMatchObject({ status: 'False', reason: 'InvalidCommitSignature' })
    expect(conditionOf(bad, 'SourceVerified')?.status).toBe('False')
    expect(artifactIn(bad)?.revision).toBe(`signed@sha1:${good}`)
    await world.source(
      { ref: { branch: 'signed' }, verify: { mode: 'Tag', secretRef: { name: 'signers' } } },
      'tagmode',
    )
    expect(conditionOf(await failed('tagmode', 'InvalidVerificationMode'), 'Stalled')?.status).toBe('True')
  })
})

describe('logins', () => {
  test('a pinned commit in the shared mirror is not given to who may not read the repository', async () => {
    await world.source({ ref: { commit: first } }, 'pinned')
    await ready('pinned', `sha1:${first}`)
    await putSecret(world, 'stranger', { username: 'octo', password: 'not-the-password' })
    await world.source({ ref: { commit: first }, secretRef: { name: 'stranger' } }, 'stranger')
    expect(artifactIn(await failed('stranger', 'AuthenticationFailed'))).toBeUndefined()
  })

  test('of a GitHub App are asked for where the provider says so, and only there', async () => {
    await world.source({ provider: 'github' }, 'noapp')
    expect(messageOf(await failed('noapp', 'InvalidProviderConfiguration'))).toBe(
      'secretRef with github app data must be specified when provider is set to github',
    )
    await putSecret(world, 'app', { githubAppID: '1', githubAppInstallationID: '2', githubAppPrivateKey: 'x' })
    await world.source({ secretRef: { name: 'app' } }, 'wrongprovider')
    expect(messageOf(await failed('wrongprovider', 'InvalidProviderConfiguration'))).toBe(
      "secretRef 'apps/app' has github app data but provider is not set to github",
    )
    await world.source({ provider: 'github', secretRef: { name: 'app' } }, 'badapp')
    expect(messageOf(await failed('badapp', 'AuthenticationFailed'))).toContain(
      "'githubAppPrivateKey' is no RSA private key",
    )
  })

  test('a proxy is used, with its login, and named when it is wrong', async () => {
    const proxy = await FaultyServer.start(() => ({ status: 502 }))
    try {
      await putSecret(world, 'proxy', { address: proxy.url, username: 'ann', password: 'proxy-password' })
      await world.source({ proxySecretRef: { name: 'proxy' } }, 'proxied')
      const object = await failed('proxied', 'GitOperationFailed')
      expect(JSON.stringify(object['status'])).not.toContain('proxy-password')
      expect(proxy.requests.length).toBeGreaterThan(0)
      await putSecret(world, 'noproxy', { address: 'nonsense' })
      await world.source({ proxySecretRef: { name: 'noproxy' } }, 'noproxy')
      expect(messageOf(await failed('noproxy', 'AuthenticationFailed'))).toContain(
        "the key 'address' is missing or no URL",
      )
    } finally {
      await proxy.close()
    }
  })
})

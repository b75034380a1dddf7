import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { conditionOf } from '../kube/condition.ts'
import type { KubeObject } from '../kube/object.ts'
import { startCluster } from '../sandbox/cluster/start.ts'
import { startForge } from '../sandbox/forge/index.ts'
import { configMap, messageOf, World } from './testing/world.ts'

// Narrative tests of GitRepository on a real Git host.
let world: World

beforeAll(async () => {
  world = await World.open({ startCluster, startForge }, { 'app/a.yaml': configMap('app') })
  await world.start()
})
afterAll(() => world.close())

type Artifact = { revision: string; digest: string; path: string; url: string; metadata: Record<string, string> }
const artifactOf = (object: KubeObject | undefined) =>
  (object?.['status'] as { artifact?: Artifact } | undefined)?.artifact
const at = (name: string, revision: string) =>
  world.until('GitRepository', name, object => artifactOf(object)?.revision === revision)

describe('what a source follows', () => {
  test('a branch: the artifact says what it is, in the form that Flux’s schema wants', async () => {
    const commit = await world.commit({ 'b.txt': '1' })
    await world.source({}, 'branch')
    const object = await at('branch', `main@sha1:${commit}`)
    expect(artifactOf(object)).toMatchObject({
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      path: `gitrepository/apps/branch/${commit}`,
      url: `git+${world.url}@${commit}`,
      metadata: { 'sluice.dev/artifact': 'git-tree' },
    })
    expect(conditionOf(object, 'Ready')).toMatchObject({ status: 'True', reason: 'Succeeded' })
    expect(messageOf(object)).toBe(`stored artifact for revision 'main@sha1:${commit}'`)
    expect(messageOf(object, 'ArtifactInStorage')).toBe(messageOf(object))
    expect(object['status']).toMatchObject({ observedGeneration: 1 })
  })

  test('a full ref name and a commit', async () => {
    const first = await world.commit({ 'c.txt': '1' })
    await world.source({ ref: { name: 'refs/heads/main' } }, 'named')
    await at('named', `refs/heads/main@sha1:${first}`)
    await world.commit({ 'c.txt': '2' })
    await world.source({ ref: { branch: 'main', commit: first } }, 'pinned')
    await at('pinned', `main@sha1:${first}`)
  })

  test('a commit that does not exist is not replaced by the branch', async () => {
    await world.source({ ref: { branch: 'main', commit: '1234567890123456789012345678901234567890' } }, 'nowhere')
    const object = await world.failed('nowhere', 'GitOperationFailed', 'GitRepository')
    expect(artifactOf(object)).toBeUndefined()
  })

  test('nothing new costs no call to the cluster', async () => {
    await world.source({}, 'calm')
    await world.until('GitRepository', 'calm', object => conditionOf(object, 'Ready')?.status === 'True')
    const calls = await world.callsOf(async () => {
      world.engine?.notifyPush({ url: world.url, ref: 'refs/heads/main' })
      await new Promise(resolve => setTimeout(resolve, 300))
    })
    expect(calls).toEqual([])
  })
})

describe('when a source cannot be fetched', () => {
  test('a deleted branch keeps the last artifact, and what was applied from it stays', async () => {
    await world.commit({ 'app/a.yaml': configMap('app', { a: 'branch' }) }, 'feature')
    await world.source({ ref: { branch: 'feature' }, interval: '1s' }, 'feature')
    await world.kustomization('app', { sourceRef: { kind: 'GitRepository', name: 'feature' } })
    const before = artifactOf(await world.until('GitRepository', 'feature', object => artifactOf(object)))
    await world.until('Kustomization', 'app', object => conditionOf(object, 'Ready')?.status === 'True')
    deleteBranch('feature')
    const object = await world.failed('feature', 'GitOperationFailed', 'GitRepository')
    expect(conditionOf(object, 'FetchFailed')?.status).toBe('True')
    expect(messageOf(object)).toContain('feature')
    expect(artifactOf(object)).toEqual(before)
    await world.quiet()
    expect(await world.find('ConfigMap', 'app')).toBeDefined()
    expect(conditionOf(await world.find('Kustomization', 'app'), 'Ready')?.status).toBe('True')
  })

  test('credentials that are missing or wrong are named, without their values', async () => {
    await world.source({ secretRef: { name: 'none' } }, 'nosecret')
    expect(messageOf(await world.failed('nosecret', 'AuthenticationFailed', 'GitRepository'))).toBe(
      `failed to get secret 'apps/none': secrets "none" not found`,
    )
    const data = { username: 'octo', password: 'ghp_wrongwrongwrongwrongwrongwrongwrong12' }
    await world.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'wrong', namespace: 'apps' },
      stringData: data,
    })
    await world.source({ secretRef: { name: 'wrong' } }, 'badsecret')
    const object = await world.failed('badsecret', 'AuthenticationFailed', 'GitRepository')
    expect(JSON.stringify(object['status'])).not.toContain('wrongwrong')
  })

  test('what this engine does not do is refused, not ignored', async () => {
    await world.source({ provider: 'aws' }, 'cloud')
    const object = await world.failed('cloud', 'UnsupportedField', 'GitRepository')
    expect(messageOf(object)).toContain("are not supported by Sluice's engine")
    expect(conditionOf(object, 'Stalled')?.status).toBe('True')
  })

  test('a force-push is taken, and said', async () => {
    const commit = await world.commit({ 'force.txt': '1' })
    await world.source({ ref: { branch: 'main' } }, 'forced')
    await at('forced', `main@sha1:${commit}`)
    const rewritten = forcePush()
    world.engine?.notifyPush({ url: world.url, ref: 'refs/heads/main' })
    await at('forced', `main@sha1:${rewritten}`)
    expect(
      world.events.find(({ reason, about }) => reason === 'HistoryRewritten' && about.name === 'forced'),
    ).toBeDefined()
  })
})

/** The forge keeps bare repositories on disk. */
function bareRepository(): string {
  const root = join(world.dir, 'forge')
  const refs = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isDirectory() && entry.name === 'refs')
    .map(entry => entry.parentPath)
    .filter(path => path.includes('git'))
    .sort((a, b) => a.length - b.length)
  return refs[0] ?? ''
}

function deleteBranch(name: string): void {
  execFileSync('git', ['--git-dir', bareRepository(), 'update-ref', '-d', `refs/heads/${name}`])
}

/** Replaces the tip of main by a commit without parents. */
function forcePush(): string {
  const git = (...args: string[]) =>
    execFileSync('git', ['--git-dir', bareRepository(), ...args], { encoding: 'utf8' }).trim()
  const identity = ['-c', 'user.name=Octo', '-c', 'user.email=octo@example.com']
  const commit = git(...identity, 'commit-tree', '-m', 'anew', git('rev-parse', 'main^{tree}'))
  git('update-ref', 'refs/heads/main', commit)
  return commit
}

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGitHubForge } from '../../src/forges/index.ts'
import { openMirror, writeFiles } from '../../src/git/index.ts'
import { exampleSpecs, type LocalFixture, startFixture } from '../harness/local-fixture.ts'
import { runSluice } from '../harness/run-sluice.ts'

describe('a repository that is there already', () => {
  let fixture: LocalFixture
  beforeEach(async () => {
    fixture = await startFixture()
    await fixture.system.forge.admin.createRepository({ owner: 'acme', name: 'fleet' })
  })
  afterEach(() => fixture.close())

  const remote = () =>
    createGitHubForge({ host: fixture.system.forge.url, token: fixture.system.token, userAgent: 'test' }).remote(
      'acme',
      'fleet',
    )

  async function withMirror<T>(work: (mirror: Awaited<ReturnType<typeof openMirror>>) => Promise<T>): Promise<T> {
    const dir = await mkdtemp(join(tmpdir(), 'sluice-test-mirror-'))
    const mirror = await openMirror(dir)
    try {
      return await work(mirror)
    } finally {
      await mirror.close()
      await rm(dir, { recursive: true, force: true })
    }
  }
  const seed = (files: Record<string, string>, branch = 'main') =>
    withMirror(mirror =>
      writeFiles({
        mirror,
        remote: remote(),
        branch,
        changes: Object.entries(files).map(([path, content]) => ({ path, content })),
        message: 'Seed\n',
        author: { name: 'Somebody', email: 'somebody@example.com' },
      }),
    )
  const contents = (branch = 'main') =>
    withMirror(async mirror => {
      const { commit } = await mirror.fetch(remote(), `refs/heads/${branch}`, { depth: Number.POSITIVE_INFINITY })
      const files: Record<string, string> = {}
      const tree = mirror.tree(commit)
      const walk = async (folder: string): Promise<void> => {
        for (const entry of await tree.list(folder)) {
          if (entry.kind === 'folder') await walk(entry.path)
          else files[entry.path] = String(await tree.read(entry.path))
        }
      }
      await walk('')
      return { files, commits: (await mirror.log(commit, { limit: 10 })).length }
    })
  const bootstrap = (...more: string[]) =>
    runSluice(['bootstrap', '-f', exampleSpecs, '--yes', ...more, ...fixture.args])

  it('and empty is used as it is', async () => {
    const run = await bootstrap()
    expect(run.code, run.stderr).toBe(0)
    expect((await contents()).commits).toBe(1)
  })

  it('keeps every file of others', async () => {
    const others = {
      'README.md': '# ours\n',
      'clusters/other/flux-system/gotk-sync.yaml': '# theirs\n',
      'apps/a.yaml': 'a: 1\n',
    }
    await seed(others)
    const run = await bootstrap('--adopt')
    expect(run.code, run.stderr).toBe(0)
    expect(run.stderr).toContain('is adopted; what stands there stays: README.md, apps/, clusters/')
    const { files, commits } = await contents()
    expect(files).toMatchObject(others)
    expect(files).toHaveProperty('clusters/mgmt/prod/eksa-system/eksa-cluster.yaml')
    expect(commits).toBe(2)
  })

  it('and holds files of others is left alone unless told otherwise; the plan shows what would be added', async () => {
    await seed({ 'README.md': '# ours\n', 'apps/a.yaml': 'a: 1\n' })
    const refused = await bootstrap()
    expect(refused.stderr).toContain('E_BOOTSTRAP_NOT_ADOPTED')
    expect(refused.stderr).toContain('README.md, apps/')
    expect(refused.code).toBe(5)
    const plan = await bootstrap('--dry-run')
    expect(plan.stdout).toContain('+ .sluice.json')
    expect(plan.stdout).toContain('+ clusters/mgmt/flux-system/gotk-sync.yaml')
    expect(plan.stderr).toContain('--adopt')
    expect((await contents()).commits).toBe(1)
  })

  it('and was adopted once needs no telling again', async () => {
    await seed({ 'README.md': '# ours\n' })
    expect((await bootstrap('--adopt')).code).toBe(0)
    expect((await contents()).files['.sluice.json']).toContain('"managedBy": "sluice"')
    const again = await bootstrap()
    expect(again.code, again.stderr).toBe(0)
    expect((await contents()).commits).toBe(2)
  })

  it.each([
    ['{"managedBy": "sluice", "format": 99}', 'later version'],
    ['hello', 'did not make'],
  ])('whose marker reads %s is refused', async (text, words) => {
    await seed({ '.sluice.json': text })
    const run = await bootstrap('--adopt')
    expect(run.stderr).toContain('E_BOOTSTRAP_PATH_IN_USE')
    expect(run.stderr).toContain(words)
    expect((await contents()).files).toEqual({ '.sluice.json': text })
  })

  it('whose path holds something else is refused with the choice explained, and stays as it was', async () => {
    const others = { 'clusters/mgmt/app.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n' }
    await seed(others)
    const check = await runSluice(['check', '-f', exampleSpecs, ...fixture.args])
    expect(check.code).toBe(5)
    expect(check.stdout).not.toContain('managed by Sluice')
    const run = await bootstrap()
    expect(run.stderr).toContain('E_BOOTSTRAP_PATH_IN_USE')
    expect(run.stderr).toContain('clusterConfigPath')
    expect(run.code).toBe(5)
    expect((await contents()).files).toEqual(others)
    expect(
      await fixture.system.client.find({
        group: '',
        version: 'v1',
        kind: 'Namespace',
        namespace: '',
        name: 'flux-system',
      }),
    ).toBeUndefined()
  })

  it('whose cluster file belongs to another cluster is refused', async () => {
    const path = 'clusters/mgmt/prod/eksa-system/eksa-cluster.yaml'
    await seed({
      [path]: 'apiVersion: anywhere.eks.amazonaws.com/v1alpha1\nkind: Cluster\nmetadata: {name: elsewhere}\n',
    })
    const run = await bootstrap()
    expect(run.stderr).toContain('E_BOOTSTRAP_PATH_IN_USE')
    expect(run.stderr).toContain('elsewhere')
    expect(run.code).toBe(5)
  })

  it('that real Flux runs is refused', async () => {
    await seed({
      'clusters/mgmt/flux-system/gotk-components.yaml':
        '---\n# This manifest was generated by flux. DO NOT EDIT.\n# Flux Version: v2.9.4\n',
    })
    const run = await bootstrap()
    expect(run.stderr).toContain('real Flux')
    expect(run.code).toBe(5)
  })

  it('a branch that is not there begins at the default branch', async () => {
    await seed({ 'README.md': '# ours\n' }, 'trunk')
    await fixture.system.client.request({ path: '/version' })
    const run = await bootstrap('--adopt')
    expect(run.code, run.stderr).toBe(0)
    expect((await contents('main')).files).toHaveProperty('clusters/mgmt/flux-system/gotk-sync.yaml')
  })
})

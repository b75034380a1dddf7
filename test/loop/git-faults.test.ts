import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { conditionOf } from '../../src/kube/condition.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { bootstrapLocal } from '../../src/local/bootstrap-local.ts'
import { type Checkout, cloneAsPerson } from '../../src/local/git-person.ts'
import { git } from '../harness/git.ts'
import { exampleFleet, type LocalFixture, startFixture } from '../harness/local-fixture.ts'
import { runSluice } from '../harness/run-sluice.ts'

const signal = new AbortController().signal
const root = {
  group: 'kustomize.toolkit.fluxcd.io',
  version: 'v1',
  kind: 'Kustomization',
  namespace: 'flux-system',
  name: 'flux-system',
}
const configMap = (name: string) => ({ group: '', version: 'v1', kind: 'ConfigMap', namespace: 'default', name })

describe('what goes wrong in Git', () => {
  let fixture: LocalFixture
  let folder: string
  let checkout: Checkout
  beforeAll(async () => {
    fixture = await startFixture()
    const report = await bootstrapLocal(fixture.system, {
      fleet: await exampleFleet(),
      dataDir: fixture.dataDir,
      signal,
      timeoutMs: 60_000,
    })
    expect(report.error).toBeUndefined()
    folder = await mkdtemp(join(tmpdir(), 'sluice-test-clone-'))
    const url = `${fixture.system.forge.url}/acme/fleet.git`
    checkout = await cloneAsPerson({ url, token: fixture.system.token, user: 'octo', branch: 'main', folder, signal })
  })
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true })
    await fixture.close()
  })

  async function push(files: Record<string, string | undefined>, message: string): Promise<string> {
    for (const [path, text] of Object.entries(files)) {
      if (text === undefined) await git(folder, 'rm', '-rq', path)
      else {
        await mkdir(dirname(join(folder, path)), { recursive: true })
        await writeFile(join(folder, path), text)
        await git(folder, 'add', path)
      }
    }
    const commit = await checkout.commit(message)
    await checkout.push()
    return commit
  }

  /** The root Kustomization once it has dealt with a commit. */
  async function dealtWith(commit: string): Promise<KubeObject> {
    let seen: KubeObject | undefined
    await expect
      .poll(
        async () => {
          seen = await fixture.system.client.get(root)
          const status = seen['status'] as { lastAttemptedRevision?: string }
          return status.lastAttemptedRevision?.endsWith(commit) && conditionOf(seen, 'Ready')?.status !== 'Unknown'
        },
        { timeout: 20_000 },
      )
      .toBe(true)
    return seen as KubeObject
  }

  it('a manifest that the API refuses is named with object, field and rule; the rest stays as it was', async () => {
    const path = 'clusters/mgmt/prod/eksa-system/eksa-cluster.yaml'
    const good = await readFile(join(folder, path), 'utf8')
    const bad = good.replace(/(controlPlaneConfiguration:\n(?:.*#.*\n)*\s+count: )3/, '$12')
    expect(bad).not.toBe(good)
    const before = await fixture.system.client.get({
      ...root,
      group: 'anywhere.eks.amazonaws.com',
      version: 'v1alpha1',
      kind: 'Cluster',
      namespace: 'default',
      name: 'staging',
    })
    const commit = await push(
      {
        [path]: bad,
        'clusters/mgmt/extra/map.yaml':
          'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: extra, namespace: default}\n',
      },
      'Two control planes',
    )
    const ready = conditionOf(await dealtWith(commit), 'Ready')
    expect(ready?.status).toBe('False')
    expect(ready?.message).toContain('Cluster/default/prod')
    expect(ready?.message).toContain('controlPlaneConfiguration.count')
    expect(ready?.message).toMatch(/even number/)
    // Nothing of the stage was applied, and what runs is untouched.
    expect(await fixture.system.client.find(configMap('extra'))).toBeUndefined()
    const after = await fixture.system.client.get({
      ...root,
      group: 'anywhere.eks.amazonaws.com',
      version: 'v1alpha1',
      kind: 'Cluster',
      namespace: 'default',
      name: 'staging',
    })
    expect(after.metadata.uid).toBe(before.metadata.uid)
    expect(after.metadata.generation).toBe(before.metadata.generation)

    const mended = await push({ [path]: good }, 'Three again')
    expect(conditionOf(await dealtWith(mended), 'Ready')?.status).toBe('True')
    expect(await fixture.system.client.find(configMap('extra'))).toBeDefined()
  })

  it('YAML that does not parse is named with its file and place; nothing is pruned', async () => {
    const commit = await push({ 'clusters/mgmt/extra/broken.yaml': 'apiVersion: v1\nkind: [\n' }, 'Broken')
    const ready = conditionOf(await dealtWith(commit), 'Ready')
    expect(ready).toMatchObject({ status: 'False', reason: 'BuildFailed' })
    expect(ready?.message).toContain('broken.yaml')
    expect(await fixture.system.client.find(configMap('extra'))).toBeDefined()
    await push({ 'clusters/mgmt/extra/broken.yaml': undefined }, 'Mended')
  })

  it('a removed file takes its object along, and only that', async () => {
    const commit = await push({ 'clusters/mgmt/extra/map.yaml': undefined }, 'Without the map')
    expect(conditionOf(await dealtWith(commit), 'Ready')?.status).toBe('True')
    expect(await fixture.system.client.find(configMap('extra'))).toBeUndefined()
    const { items } = await fixture.system.client.list({
      apiVersion: 'anywhere.eks.amazonaws.com/v1alpha1',
      kind: 'Cluster',
    })
    expect(items.map(one => one.metadata.name).sort()).toEqual(['mgmt', 'prod', 'staging'])
  })

  it('a folder that was emptied by mistake prunes nothing and says why', async () => {
    const before = (await fixture.system.client.list({ apiVersion: 'v1', kind: 'Node' })).items.length
    const commit = await push({ 'clusters/mgmt': undefined, 'README.md': 'empty\n' }, 'Oops')
    await expect
      .poll(async () => conditionOf(await fixture.system.client.get(root), 'Ready')?.status, { timeout: 20_000 })
      .toBe('False')
    const ready = conditionOf(await fixture.system.client.get(root), 'Ready')
    expect(ready?.message).toBeTruthy()
    const { items } = await fixture.system.client.list({
      apiVersion: 'anywhere.eks.amazonaws.com/v1alpha1',
      kind: 'Cluster',
    })
    expect(items.map(one => one.metadata.name).sort()).toEqual(['mgmt', 'prod', 'staging'])
    expect((await fixture.system.client.list({ apiVersion: 'v1', kind: 'Node' })).items).toHaveLength(before)
    await git(folder, 'revert', '--no-edit', commit)
    await checkout.push()
    await expect
      .poll(async () => conditionOf(await fixture.system.client.get(root), 'Ready')?.status, { timeout: 20_000 })
      .toBe('True')
  })

  it('scaling against a rule is refused before anything is committed', async () => {
    const head = await git(folder, 'ls-remote', `${fixture.system.forge.url}/acme/fleet.git`).catch(() => '')
    for (const [target, words] of [
      ['control-plane=2', 'even number'],
      ['batch=9', 'autoscaler'],
      ['nowhere=1', 'no such node group'],
    ] as const) {
      const run = await runSluice(['scale', 'prod', target, ...fixture.args])
      expect(run.stderr, target).toContain(words)
      expect(run.code, target).not.toBe(0)
    }
    expect(await git(folder, 'ls-remote', `${fixture.system.forge.url}/acme/fleet.git`).catch(() => '')).toBe(head)
  })

  it('two people who scale at once both get their change, in two commits', async () => {
    const [a, b] = await Promise.all([
      runSluice(['scale', 'prod', 'web=5', ...fixture.args]),
      runSluice(['scale', 'staging', 'md-0=3', ...fixture.args]),
    ])
    expect(a.code, a.stderr).toBe(0)
    expect(b.code, b.stderr).toBe(0)
    const rows = JSON.parse((await runSluice(['get', 'nodegroups', '-o', 'json', ...fixture.args])).stdout).items as {
      cluster: string
      name: string
      ready: number
    }[]
    expect(rows.find(row => row.cluster === 'prod' && row.name === 'web')?.ready).toBe(5)
    expect(rows.find(row => row.cluster === 'staging' && row.name === 'md-0')?.ready).toBe(3)
  })
})

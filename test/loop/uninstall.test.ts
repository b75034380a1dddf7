import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type InstalledFleet, installFleet, systemNamespace } from '../harness/installed-fleet.ts'

let installed: InstalledFleet
beforeEach(async () => {
  installed = await installFleet()
})
afterEach(() => installed.close())

describe('sluice uninstall', () => {
  it('shows every object first, takes all of it away, and leaves what was reconciled', async () => {
    const before = await installed.clusters()
    expect(before).toHaveLength(3)
    const shown = await installed.run('uninstall', '--dry-run')
    expect(shown.code, shown.stderr).toBe(0)
    for (const text of [
      'Deployment/flux-system/sluice-engine',
      'Kustomization/flux-system/flux-system',
      'Namespace/flux-system',
    ])
      expect(shown.stdout).toContain(text)
    expect(await installed.find(systemNamespace)).toBeDefined()
    const done = await installed.run('uninstall', '--yes')
    expect(done.code, done.stderr).toBe(0)
    expect([await installed.left(), await installed.find(systemNamespace), await installed.clusters()]).toEqual([
      [],
      undefined,
      before,
    ])
    const again = await installed.run('uninstall', '--yes')
    expect([again.code, again.stdout]).toEqual([0, 'nothing of Sluice is there\n'])
  })

  it('leaves what others put into the namespace, and a role and a definition that only look like ours', async () => {
    const { client } = installed.fixture.system
    const apply = (object: Parameters<typeof client.apply>[0]) => client.apply(object, { fieldManager: 'somebody' })
    await apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'theirs', namespace: 'flux-system' } })
    const role = 'sluice-engine-of-somebody'
    await apply({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: role },
      rules: [],
    } as never)
    const name = 'buckets.source.toolkit.fluxcd.io'
    const crd = { group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition', name }
    await client.patch({ ...crd, namespace: '' }, 'merge', {
      metadata: { labels: { 'app.kubernetes.io/instance': 'other' } },
    })
    const shown = await installed.run('uninstall', '--dry-run')
    expect(shown.stdout).toContain('the namespace flux-system stays: it holds ConfigMap/theirs')
    const done = await installed.run('uninstall', '--yes')
    expect(done.code, done.stderr).toBe(0)
    const theirs = { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'flux-system', name: 'theirs' }
    expect(await installed.find(theirs)).toBeDefined()
    expect(
      await installed.find({ group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'ClusterRole', name: role }),
    ).toBeDefined()
    expect(await installed.left()).toEqual([name])
  })

  it('keeps the namespace when told so, and refuses while an engine acts elsewhere', async () => {
    // One for everything; one for a shard, which has a Lease of its own and would prune as well.
    for (const more of [{}, { watchLabelSelector: 'sharding.fluxcd.io/key=a' }]) {
      const engine = await startEngineBeside(more)
      const refused = await installed.run('uninstall', '--yes', '--keep-namespace')
      await engine.close()
      expect(refused.stderr).toContain('E_UNINSTALL_ENGINE')
      expect(refused.code).not.toBe(0)
    }
    expect(
      await installed.find({
        group: 'apiextensions.k8s.io',
        version: 'v1',
        kind: 'CustomResourceDefinition',
        name: 'kustomizations.kustomize.toolkit.fluxcd.io',
      }),
    ).toBeDefined()
    const done = await installed.run('uninstall', '--silent', '--keep-namespace')
    expect(done.code, done.stderr).toBe(0)
    expect(await installed.find(systemNamespace)).toBeDefined()
    expect(await installed.left()).toEqual([])
  })
})

async function startEngineBeside(more: { readonly watchLabelSelector?: string }) {
  const { startEngine } = await import('../../src/engine/index.ts')
  const { systemClock } = await import('../../src/base/clock.ts')
  const engine = await startEngine({
    client: installed.fixture.system.client,
    dataDir: `${installed.fixture.dataDir}/beside`,
    clock: systemClock,
    ...more,
  })
  await engine.ready
  return engine
}

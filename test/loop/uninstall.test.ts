import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ObjectRef } from '../../src/kube/identity.ts'
import { exampleSpecs, type LocalFixture, startFixture } from '../harness/local-fixture.ts'
import { runSluice } from '../harness/run-sluice.ts'

let fixture: LocalFixture
beforeEach(async () => {
  fixture = await startFixture({ engine: false })
  const place = ['--engine-place', 'cluster', '--engine-image', 'registry.example.com/sluice:0.1.0']
  const done = await run('bootstrap', '-f', exampleSpecs, ...place, '--yes')
  expect(done.code, done.stderr).toBe(0)
})
afterEach(() => fixture.close())

const run = (...args: string[]) => runSluice([...args, ...fixture.args])
const find = (ref: Omit<ObjectRef, 'namespace'> & { namespace?: string }) =>
  fixture.system.client.find({ namespace: '', ...ref })
const namespace = { group: '', version: 'v1', kind: 'Namespace', name: 'flux-system' }
const clusters = async () => {
  const kind = { group: 'anywhere.eks.amazonaws.com', version: 'v1alpha1', kind: 'Cluster' }
  return (await fixture.system.client.list(kind)).items.map(one => `${one.metadata.name} ${one.metadata.uid}`).sort()
}
/** Everything that carries our marker, or is one of Flux's kinds. */
const left = async () => {
  const { client } = fixture.system
  const kinds: [string, string, string][] = [
    ['apps', 'v1', 'Deployment'],
    ['', 'v1', 'ServiceAccount'],
    ['rbac.authorization.k8s.io', 'v1', 'ClusterRole'],
    ['rbac.authorization.k8s.io', 'v1', 'ClusterRoleBinding'],
    ['rbac.authorization.k8s.io', 'v1', 'Role'],
    ['networking.k8s.io', 'v1', 'NetworkPolicy'],
  ]
  const found: string[] = []
  for (const [group, version, kind] of kinds) {
    const labelSelector = 'app.kubernetes.io/managed-by=sluice'
    for (const { metadata } of (await client.list({ group, version, kind }, { labelSelector })).items)
      found.push(`${kind}/${metadata.name}`)
  }
  const crds = await client.list({ group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition' })
  return [...found, ...crds.items.map(crd => crd.metadata.name).filter(name => name?.endsWith('.toolkit.fluxcd.io'))]
}

describe('sluice uninstall', () => {
  it('shows every object first, takes all of it away, and leaves what was reconciled', async () => {
    const before = await clusters()
    expect(before).toHaveLength(3)
    const shown = await run('uninstall', '--dry-run')
    expect(shown.code, shown.stderr).toBe(0)
    for (const text of [
      'Deployment/flux-system/sluice-engine',
      'Kustomization/flux-system/flux-system',
      'Namespace/flux-system',
    ])
      expect(shown.stdout).toContain(text)
    expect(await find(namespace)).toBeDefined()
    const done = await run('uninstall', '--yes')
    expect(done.code, done.stderr).toBe(0)
    expect([await left(), await find(namespace), await clusters()]).toEqual([[], undefined, before])
    const again = await run('uninstall', '--yes')
    expect([again.code, again.stdout]).toEqual([0, 'nothing of Sluice is there\n'])
  })

  it('leaves what others put into the namespace, and a role and a definition that only look like ours', async () => {
    const { client } = fixture.system
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
    const shown = await run('uninstall', '--dry-run')
    expect(shown.stdout).toContain('the namespace flux-system stays: it holds ConfigMap/theirs')
    const done = await run('uninstall', '--yes')
    expect(done.code, done.stderr).toBe(0)
    const theirs = { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'flux-system', name: 'theirs' }
    expect(await find(theirs)).toBeDefined()
    expect(
      await find({ group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'ClusterRole', name: role }),
    ).toBeDefined()
    expect(await left()).toEqual([name])
  })

  it('keeps the namespace when told so, and refuses while an engine acts elsewhere', async () => {
    // One for everything; one for a shard, which has a Lease of its own and would prune as well.
    for (const more of [{}, { watchLabelSelector: 'sharding.fluxcd.io/key=a' }]) {
      const engine = await startEngineBeside(more)
      const refused = await run('uninstall', '--yes', '--keep-namespace')
      await engine.close()
      expect(refused.stderr).toContain('E_UNINSTALL_ENGINE')
      expect(refused.code).not.toBe(0)
    }
    expect(
      await find({
        group: 'apiextensions.k8s.io',
        version: 'v1',
        kind: 'CustomResourceDefinition',
        name: 'kustomizations.kustomize.toolkit.fluxcd.io',
      }),
    ).toBeDefined()
    const done = await run('uninstall', '--silent', '--keep-namespace')
    expect(done.code, done.stderr).toBe(0)
    expect(await find(namespace)).toBeDefined()
    expect(await left()).toEqual([])
  })
})

async function startEngineBeside(more: { readonly watchLabelSelector?: string }) {
  const { startEngine } = await import('../../src/engine/index.ts')
  const { systemClock } = await import('../../src/base/clock.ts')
  const engine = await startEngine({
    client: fixture.system.client,
    dataDir: `${fixture.dataDir}/beside`,
    clock: systemClock,
    ...more,
  })
  await engine.ready
  return engine
}

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
const faulty = (fault: string) => runSluice(['uninstall', '--yes', ...fixture.args], { env: { SLUICE_FAULT: fault } })
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

describe('sluice uninstall, killed', () => {
  it.each(['engine', 'finalizers', 'definitions', 'parts', 'namespace'])(
    'killed before and after the step %s, the next run ends the same',
    async step => {
      const before = await clusters()
      expect((await faulty(`before:uninstall.${step}`)).signal).toBe('SIGKILL')
      const second = await faulty(`after:uninstall.${step}`)
      expect(second.signal ?? second.stderr).toBe('SIGKILL')
      const done = await run('uninstall', '--yes')
      expect(done.code, done.stderr).toBe(0)
      expect([await left(), await find(namespace), await clusters()]).toEqual([[], undefined, before])
    },
  )
})

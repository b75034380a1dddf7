import type { ObjectRef } from '../../src/kube/identity.ts'
import { exampleSpecs, type LocalFixture, startFixture } from './local-fixture.ts'
import { runSluice } from './run-sluice.ts'

export const systemNamespace = { group: '', version: 'v1', kind: 'Namespace', name: 'flux-system' }

/** The example fleet with our engine in its cluster, and what is looked at when Sluice is taken off it. */
export interface InstalledFleet {
  readonly fixture: LocalFixture
  run(...args: string[]): ReturnType<typeof runSluice>
  find(ref: Omit<ObjectRef, 'namespace'> & { namespace?: string }): ReturnType<LocalFixture['system']['client']['find']>
  /** Clusters with their UIDs. */
  clusters(): Promise<string[]>
  /** Everything that carries our marker, or is one of Flux's kinds. */
  left(): Promise<(string | undefined)[]>
  close(): Promise<void>
}

export async function installFleet(): Promise<InstalledFleet> {
  const fixture = await startFixture({ engine: false })
  const { client } = fixture.system
  const run: InstalledFleet['run'] = (...args) => runSluice([...args, ...fixture.args])
  const place = ['--engine-place', 'cluster', '--engine-image', 'registry.example.com/sluice:0.1.0']
  const done = await run('bootstrap', '-f', exampleSpecs, ...place, '--yes')
  if (done.code !== 0) throw new Error(done.stderr)
  return {
    fixture,
    run,
    find: ref => client.find({ namespace: '', ...ref }),
    async clusters() {
      const kind = { group: 'anywhere.eks.amazonaws.com', version: 'v1alpha1', kind: 'Cluster' }
      return (await client.list(kind)).items.map(one => `${one.metadata.name} ${one.metadata.uid}`).sort()
    },
    async left() {
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
      return [
        ...found,
        ...crds.items.map(crd => crd.metadata.name).filter(name => name?.endsWith('.toolkit.fluxcd.io')),
      ]
    },
    close: () => fixture.close(),
  }
}

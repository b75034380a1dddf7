import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../kube/object.ts'
import { fluxKinds } from '../specs/index.ts'
import { componentObjects } from './components.ts'
import { type EngineComponentsOptions, engineComponents, engineComponentsFile } from './engine-components.ts'
import { engineLabels } from './engine-names.ts'
import { readEngineSettings } from './engine-settings.ts'

const crds = fluxKinds.map(kind => kind.crd())
const options: EngineComponentsOptions = {
  systemNamespace: 'flux-system',
  version: '1.2.3',
  crds,
  image: 'registry.example.com/sluice:1.2.3',
}
const make = (more: Partial<EngineComponentsOptions> = {}) => engineComponents({ ...options, ...more })
const called = (objects: readonly KubeObject[], kind: string) =>
  objects.filter(object => object.kind === kind).map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`)
const find = (objects: readonly KubeObject[], kind: string, name = 'sluice-engine') =>
  objects.find(object => object.kind === kind && object.metadata.name === name)!
// biome-ignore lint/suspicious/noExplicitAny: manifests are read field by field
const podOf = (objects: readonly KubeObject[]): any => (find(objects, 'Deployment')['spec'] as any).template.spec

describe('the engine in a cluster', () => {
  test('begins with what the embedded engine has, unchanged', () => {
    const embedded = componentObjects('flux-system', { version: '1.2.3', crds })
    expect(make().slice(0, embedded.length)).toEqual(embedded)
  })

  test('marks everything else as ours', () => {
    const labels = engineLabels('flux-system', '1.2.3')
    for (const object of make({ tenantNamespaces: ['team-a'] }).slice(crds.length + 1))
      expect(object.metadata.labels, `${object.kind}/${object.metadata.name}`).toEqual(labels)
  })

  test('has no two objects of one name', () => {
    const ids = make({ tenantNamespaces: ['team-a', 'team-b'] }).map(
      ({ kind, metadata }) => `${kind}/${metadata.namespace ?? ''}/${metadata.name}`,
    )
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('may not do everything unless it is told so', () => {
    const wildcard = (object: KubeObject) => JSON.stringify(object['rules'] ?? []).includes('"verbs":["*"]')
    expect(make().filter(wildcard)).toEqual([])
    expect(JSON.stringify(make())).not.toContain('"name":"cluster-admin"')
    expect(JSON.stringify(make())).not.toMatch(/"(escalate|bind)"/)
    expect(called(make({ rights: 'cluster-admin' }), 'ClusterRoleBinding')).toContain(
      '/sluice-engine-admin-flux-system',
    )
  })

  test('acts as accounts of the namespaces that are named, and of no others', () => {
    expect(called(make(), 'RoleBinding')).toEqual([
      'flux-system/sluice-engine',
      'kube-system/sluice-engine-flux-system',
    ])
    expect(called(make({ tenantNamespaces: ['team-a'] }), 'RoleBinding')).toContain(
      'team-a/sluice-engine-impersonator-flux-system',
    )
    expect(called(make({ tenantNamespaces: 'all' }), 'ClusterRoleBinding')).toContain(
      '/sluice-engine-impersonator-flux-system',
    )
  })

  test('runs as nobody, on a file system that it cannot write to', () => {
    const pod = podOf(make())
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })
    expect(pod.containers[0].securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
    })
    const writable = new Set(pod.containers[0].volumeMounts.map((mount: { name: string }) => mount.name))
    expect(pod.volumes.map((volume: { name: string }) => volume.name)).toEqual([...writable])
  })

  test('takes the options of the image, tolerations, data and arguments', () => {
    const pod = podOf(
      make({
        imagePullSecret: 'pull',
        tolerationKeys: ['dedicated'],
        dataStorageClass: 'fast',
        dataSize: '5Gi',
        defaultServiceAccount: '',
        crossNamespaceRefs: true,
        clusterDomain: 'corp.local',
      }),
    )
    expect(pod.imagePullSecrets).toEqual([{ name: 'pull' }])
    expect(pod.tolerations).toEqual([{ key: 'dedicated', operator: 'Exists' }])
    expect(JSON.stringify(pod.volumes)).toContain('"storageClassName":"fast"')
    expect(pod.containers[0].args).toEqual(
      expect.arrayContaining([
        '--default-service-account=',
        '--cross-namespace-refs',
        '--storage-adv-addr=sluice-engine.flux-system.svc.corp.local',
      ]),
    )
    expect(called(make({ networkPolicy: false }), 'NetworkPolicy')).toEqual([])
  })

  test('says in its file what was chosen, so that the next run can read it', () => {
    const chosen = {
      image: 'a/b:1',
      replicas: 3,
      rights: 'fleet',
      tenantNamespaces: ['x'],
      networkPolicy: false,
    } as const
    expect(readEngineSettings(engineComponentsFile({ ...options, ...chosen }))).toEqual(chosen)
    expect(readEngineSettings('# Settings: nonsense')).toBeUndefined()
    expect(readEngineSettings('---\nkind: Namespace')).toBeUndefined()
  })
})

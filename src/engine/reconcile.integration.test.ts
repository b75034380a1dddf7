import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { memoryTree } from '../base/file-tree.ts'
import { conditionOf } from '../kube/condition.ts'
import type { KubeObject } from '../kube/object.ts'
import { startCluster } from '../sandbox/cluster/start.ts'
import { startForge } from '../sandbox/forge/index.ts'
import type { Kustomization } from '../specs/index.ts'
import { diffKustomization } from './index.ts'
import { configMap, messageOf, World } from './testing/world.ts'

// Narrative tests of single features on a real API server and a real Git host; each has a Kustomization of its own.
let world: World

beforeAll(async () => {
  world = await World.open({ startCluster, startForge }, { 'README.md': 'fleet' })
  await world.start()
  await world.source()
})
afterAll(() => world.close())
beforeEach(() => {
  world.events.length = 0
})

const dataOf = (object: KubeObject | undefined) => object?.['data'] as Record<string, string> | undefined
const statusOf = (object: KubeObject | undefined) => (object?.['status'] ?? {}) as Record<string, unknown>
const inventoryOf = (object: KubeObject | undefined) =>
  ((statusOf(object)['inventory'] as { entries: { id: string }[] } | undefined)?.entries ?? []).map(({ id }) => id)

describe('apply', () => {
  test('what is in Git is in the cluster, labelled, and told in the status as Flux tells it', async () => {
    const commit = await world.commit({ 'apply/a.yaml': configMap('apply-a'), 'apply/b.yaml': configMap('apply-b') })
    await world.kustomization('apply')
    const object = await world.ready('apply', commit)
    expect((await world.find('ConfigMap', 'apply-a'))?.metadata.labels).toEqual({
      'kustomize.toolkit.fluxcd.io/name': 'apply',
      'kustomize.toolkit.fluxcd.io/namespace': 'apps',
    })
    expect(object.metadata.finalizers).toEqual(['finalizers.fluxcd.io'])
    expect(statusOf(object)).toMatchObject({
      lastAppliedRevision: `main@sha1:${commit}`,
      lastAttemptedRevision: `main@sha1:${commit}`,
      observedGeneration: 1,
      inventory: {
        entries: [
          { id: 'apps_apply-a__ConfigMap', v: 'v1' },
          { id: 'apps_apply-b__ConfigMap', v: 'v1' },
        ],
      },
      history: [{ lastReconciledStatus: 'ReconciliationSucceeded', totalReconciliations: 1 }],
    })
    expect(messageOf(object)).toBe(`Applied revision: main@sha1:${commit}`)
    expect(conditionOf(object, 'Reconciling')).toBeUndefined()
    const manager = (await world.find('ConfigMap', 'apply-a'))?.metadata.managedFields?.[0]
    expect(manager).toMatchObject({ manager: 'kustomize-controller', operation: 'Apply' })
  })

  test('a stage with one bad object leaves the cluster untouched, and the message names the object', async () => {
    const bad =
      '{"apiVersion":"v1","kind":"Service","metadata":{"name":"bad","namespace":"apps"},"spec":{"ports":[{"port":99999}]}}'
    await world.commit({ 'bad/good.yaml': configMap('bad-good'), 'bad/bad.yaml': bad })
    await world.kustomization('bad')
    const object = await world.failed('bad', 'ReconciliationFailed')
    expect(messageOf(object)).toMatch(/^Service\/apps\/bad dry-run failed \(Invalid\): /)
    expect(await world.find('ConfigMap', 'bad-good')).toBeUndefined()
    expect(statusOf(object)['observedGeneration']).toBe(-1)
    expect(conditionOf(object, 'Reconciling')?.reason).toBe('ProgressingWithRetry')
    const fixed = await world.commit({ 'bad/bad.yaml': undefined })
    await world.ready('bad', fixed)
    expect(await world.find('ConfigMap', 'bad-good')).toBeDefined()
  })

  test('a file that is no Kubernetes object fails the build', async () => {
    await world.commit({ 'nobuild/values.yaml': 'replicas: 3\n' })
    await world.kustomization('nobuild')
    expect(messageOf(await world.failed('nobuild', 'BuildFailed'))).toContain('kustomize build failed')
  })

  test('objects of a kind that comes later are applied as soon as its CRD is there', async () => {
    const widget =
      '{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w","namespace":"apps"},"spec":{"size":1}}'
    await world.commit({ 'later/w.yaml': widget })
    await world.kustomization('later')
    expect(messageOf(await world.failed('later', 'ReconciliationFailed'))).toContain('no matches for kind "Widget"')
    const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
    await world.apply({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { kind: 'Widget', plural: 'widgets', singular: 'widget', listKind: 'WidgetList' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: open } }],
      },
    })
    await world.ready('later')
  })

  test('a CRD, a namespace and objects in them come up from one commit', async () => {
    const crd = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'gadgets.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { kind: 'Gadget', plural: 'gadgets', singular: 'gadget', listKind: 'GadgetList' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
      },
    }
    await world.commit({
      'stages/all.yaml': [
        '{"apiVersion":"example.com/v1","kind":"Gadget","metadata":{"name":"g","namespace":"staged"}}',
        JSON.stringify(crd),
        '{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"staged"}}',
      ].join('\n---\n'),
    })
    await world.kustomization('stages', { wait: true })
    expect(inventoryOf(await world.ready('stages'))).toEqual([
      '_gadgets.example.com_apiextensions.k8s.io_CustomResourceDefinition',
      '_staged__Namespace',
      'staged_g_example.com_Gadget',
    ])
  })

  test('a Secret that SOPS has encrypted is refused', async () => {
    const secret =
      '{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s","namespace":"apps"},"data":{"a":"ENC[x]"},"sops":{"mac":"x"}}'
    await world.commit({ 'sops/s.yaml': secret })
    await world.kustomization('sops')
    expect(messageOf(await world.failed('sops', 'ReconciliationFailed'))).toBe(
      'Secret/apps/s is SOPS encrypted, configuring decryption is required for this secret to be reconciled',
    )
  })

  test('fields of the spec change the build: namespace, names, images, patches and common metadata', async () => {
    const deployment = (image: string) =>
      JSON.stringify({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'web' },
        spec: {
          selector: { matchLabels: { app: 'web' } },
          template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image }] } },
        },
      })
    await world.commit({ 'spec/d.yaml': deployment('nginx:1') })
    await world.kustomization('spec', {
      targetNamespace: 'apps',
      namePrefix: 'spec-',
      images: [{ name: 'nginx', newTag: '2' }],
      patches: [{ patch: '[{"op":"add","path":"/spec/replicas","value":3}]', target: { kind: 'Deployment' } }],
      commonMetadata: { labels: { team: 'a' }, annotations: { note: 'b' } },
    })
    await world.ready('spec')
    const found = await world.find('Deployment', 'spec-web')
    expect(found?.['spec']).toMatchObject({ replicas: 3, template: { spec: { containers: [{ image: 'nginx:2' }] } } })
    expect(found?.metadata.labels).toMatchObject({ team: 'a' })
    expect(found?.metadata.annotations).toMatchObject({ note: 'b' })
  })
})

describe('prune', () => {
  test('an object that leaves Git leaves the cluster; one that somebody took over stays', async () => {
    await world.commit({
      'prune/a.yaml': configMap('prune-a'),
      'prune/b.yaml': configMap('prune-b'),
      'prune/c.yaml': configMap('prune-c'),
    })
    await world.kustomization('prune')
    await world.ready('prune')
    const ref = { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'apps', name: 'prune-c' }
    const owner = { 'kustomize.toolkit.fluxcd.io/name': 'somebody' }
    await world.kustomization('prune', { suspend: true })
    await world.client.patch(ref, 'merge', { metadata: { labels: owner } })
    const commit = await world.commit({ 'prune/b.yaml': undefined, 'prune/c.yaml': undefined })
    await world.until('GitRepository', 'fleet', object => JSON.stringify(object).includes(commit))
    await world.kustomization('prune', { suspend: false })
    expect(inventoryOf(await world.ready('prune', commit))).toEqual(['apps_prune-a__ConfigMap'])
    expect(await world.find('ConfigMap', 'prune-b')).toBeUndefined()
    expect(await world.find('ConfigMap', 'prune-c')).toBeDefined()
  })

  test('a folder that was emptied deletes nothing until it is allowed', async () => {
    await world.commit({ 'empty/kustomization.yaml': 'resources: [a.yaml]\n', 'empty/a.yaml': configMap('empty-a') })
    await world.kustomization('empty')
    await world.ready('empty')
    const emptied = await world.commit({ 'empty/kustomization.yaml': 'resources: []\n', 'empty/a.yaml': undefined })
    const refused = await world.failed('empty', 'PruneRefused')
    expect(messageOf(refused)).toMatch(
      /all 1 would be deleted \(apps_empty-a__ConfigMap\); nothing was changed\. .*sluice\.dev\/allow-empty/,
    )
    expect(await world.find('ConfigMap', 'empty-a')).toBeDefined()
    await world.kustomization('empty', {}, { annotations: { 'sluice.dev/allow-empty': 'true' } })
    await world.ready('empty', emptied)
    expect(await world.find('ConfigMap', 'empty-a')).toBeUndefined()
  })

  test('a path that vanished deletes nothing', async () => {
    await world.commit({ 'vanish/a.yaml': configMap('vanish-a') })
    await world.kustomization('vanish')
    await world.ready('vanish')
    await world.commit({ 'vanish/a.yaml': undefined })
    const object = await world.failed('vanish', 'ArtifactFailed')
    expect(messageOf(object)).toBe('kustomization path not found: stat ./vanish: no such file or directory')
    expect(await world.find('ConfigMap', 'vanish-a')).toBeDefined()
    expect(inventoryOf(object)).toEqual(['apps_vanish-a__ConfigMap'])
  })

  test('an object that moves to another Kustomization is never deleted, whoever is first', async () => {
    const names = ['move1', 'move2', 'move3', 'move4']
    await world.commit({
      ...Object.fromEntries(names.map(name => [`from/${name}.yaml`, configMap(name)])),
      'from/stays.yaml': configMap('from-stays'),
      'to/stays.yaml': configMap('to-stays'),
    })
    await world.kustomization('from')
    await world.kustomization('to', { dependsOn: [{ name: 'from' }] })
    await Promise.all([world.ready('from'), world.ready('to')])
    const uids = await Promise.all(names.map(async name => (await world.find('ConfigMap', name))?.metadata.uid))
    const moves = names.flatMap(name => [
      [`from/${name}.yaml`, undefined],
      [`to/${name}.yaml`, configMap(name, { moved: 'yes' })],
    ])
    const commit = await world.commit(Object.fromEntries(moves))
    await world.ready('to', commit)
    const after = await Promise.all(names.map(name => world.find('ConfigMap', name)))
    expect(after.map(object => object?.metadata.uid)).toEqual(uids)
    expect(after.map(object => object?.metadata.labels?.['kustomize.toolkit.fluxcd.io/name'])).toEqual(
      names.map(() => 'to'),
    )
    expect(inventoryOf(await world.find('Kustomization', 'from'))).toEqual(['apps_from-stays__ConfigMap'])
  })

  test('a Namespace in which others have objects is kept', async () => {
    const namespace = '{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shared"}}'
    await world.commit({
      'ns/ns.yaml': namespace,
      'ns/keep.yaml': configMap('ns-keep'),
      'guest/g.yaml': configMap('guest', {}, 'shared'),
    })
    await world.kustomization('ns')
    await world.ready('ns')
    await world.kustomization('guest')
    await world.ready('guest')
    await world.commit({ 'ns/ns.yaml': undefined })
    const object = await world.failed('ns', 'PruneFailed')
    expect(messageOf(object)).toContain(
      'Namespace/shared delete failed: the namespace also holds ConfigMap/shared/guest',
    )
    expect(inventoryOf(object)).toContain('_shared__Namespace')
  })

  test('a Namespace in which others have a HelmRelease is kept too', async () => {
    const namespace = '{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"released"}}'
    await world.commit({ 'ns2/ns.yaml': namespace, 'ns2/keep.yaml': configMap('ns2-keep') })
    await world.kustomization('ns2')
    await world.ready('ns2')
    await world.apply({
      apiVersion: 'helm.toolkit.fluxcd.io/v2',
      kind: 'HelmRelease',
      metadata: { name: 'guest', namespace: 'released' },
      spec: { interval: '10m', suspend: true, chartRef: { kind: 'OCIRepository', name: 'guest' } },
    })
    await world.commit({ 'ns2/ns.yaml': undefined })
    expect(messageOf(await world.failed('ns2', 'PruneFailed'))).toContain(
      'Namespace/released delete failed: the namespace also holds HelmRelease/released/guest',
    )
    expect((await world.find('Namespace', 'released', ''))?.metadata.deletionTimestamp).toBeUndefined()
  })
})

describe('deletion', () => {
  test('a deleted Kustomization takes its objects with it, or leaves them when told to', async () => {
    await world.commit({ 'gone/a.yaml': configMap('gone-a'), 'orphan/a.yaml': configMap('orphan-a') })
    await world.kustomization('gone', { deletionPolicy: 'WaitForTermination' })
    await world.kustomization('orphan', { deletionPolicy: 'Orphan' })
    for (const name of ['gone', 'orphan']) {
      await world.ready(name)
      const ref = {
        group: 'kustomize.toolkit.fluxcd.io',
        version: 'v1',
        kind: 'Kustomization',
        namespace: 'apps',
        name,
      }
      await world.client.delete(ref)
      await world.until('Kustomization', name, object => object === undefined)
    }
    expect(await world.find('ConfigMap', 'gone-a')).toBeUndefined()
    expect(await world.find('ConfigMap', 'orphan-a')).toBeDefined()
  })
})

describe('diff', () => {
  test('shows what a commit would change, without changing it and without values of Secrets', async () => {
    const secret = (value: string) =>
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'diff-s', namespace: 'apps' },
        stringData: { key: value, same: 'constant' },
      })
    await world.commit({
      'diff/a.yaml': configMap('diff-a', { a: '1', b: '1' }),
      'diff/b.yaml': configMap('diff-b'),
      'diff/same.yaml': configMap('diff-same'),
      'diff/s.yaml': secret('old-canary-value'),
    })
    await world.kustomization('diff')
    const kustomization = (await world.ready('diff')) as unknown as Kustomization
    const before = (await world.find('ConfigMap', 'diff-a'))?.metadata.resourceVersion
    const tree = memoryTree({
      'diff/a.yaml': configMap('diff-a', { a: '2', b: '1' }),
      'diff/c.yaml': configMap('diff-c'),
      'diff/same.yaml': configMap('diff-same'),
      'diff/s.yaml': secret('new-canary-value'),
    })
    const diffs = await diffKustomization({ client: world.client, tree, kustomization })
    expect(diffs.map(({ ref, action, changes }) => [ref.name, action, changes])).toEqual([
      ['diff-a', 'configure', [{ path: 'data.a', before: '1', after: '2' }]],
      ['diff-c', 'create', []],
      ['diff-same', 'unchanged', []],
      ['diff-s', 'configure', [{ path: 'data.key', before: '*** (before)', after: '*** (after)' }]],
      ['diff-b', 'delete', []],
    ])
    const canaries = ['old-canary-value', 'new-canary-value', 'constant']
    for (const text of canaries.flatMap(value => [value, Buffer.from(value).toString('base64')])) {
      expect(JSON.stringify(diffs)).not.toContain(text)
    }
    expect((await world.find('ConfigMap', 'diff-a'))?.metadata.resourceVersion).toBe(before)
    expect(await world.find('ConfigMap', 'diff-c')).toBeUndefined()
  })
})

describe('substitution', () => {
  test('variables come from ConfigMaps, Secrets and the spec, and a change of one is applied at once', async () => {
    await world.commit({
      'vars/a.yaml': configMap('vars-a', {
        region: '${region}',
        size: '${size:=small}',
        who: '${who}',
        raw: '$${region}',
      }),
    })
    await world.apply(JSON.parse(configMap('settings', { region: 'eu', who: 'map' })))
    await world.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'keys', namespace: 'apps' },
      stringData: { who: 'secret' },
    })
    await world.kustomization('vars', {
      postBuild: {
        substituteFrom: [
          { kind: 'ConfigMap', name: 'settings' },
          { kind: 'Secret', name: 'keys' },
          { kind: 'ConfigMap', name: 'not-there', optional: true },
        ],
      },
    })
    await world.ready('vars')
    expect(dataOf(await world.find('ConfigMap', 'vars-a'))).toEqual({
      region: 'eu',
      size: 'small',
      who: 'secret',
      raw: '${region}',
    })
    await world.apply(JSON.parse(configMap('settings', { region: 'us', who: 'map' })))
    await world.until('ConfigMap', 'vars-a', object => dataOf(object)?.['region'] === 'us', { ms: 2000 })
  })

  test('a variable that is not set fails the build, by its name', async () => {
    await world.commit({ 'unset/a.yaml': configMap('unset-a', { x: '${nowhere}' }) })
    await world.kustomization('unset', { postBuild: { substitute: { a: 'b' } } })
    expect(messageOf(await world.failed('unset', 'BuildFailed'))).toBe(
      'variable substitution failed: variable not set (strict mode): "nowhere" (in ConfigMap/apps/unset-a)',
    )
  })
})

describe('what a spec may say wrongly stalls only its own object', () => {
  test.each([
    ['poison-huge', { interval: '1000000000h' }, 'InvalidInterval', 'spec.interval is not a duration'],
    ['poison-timeout', { timeout: '99999999999h' }, 'InvalidInterval', 'spec.timeout is not a duration'],
    [
      'poison-cel',
      { healthCheckExprs: [{ apiVersion: 'x/v1', kind: 'Y', current: 'status.(' }] },
      'InvalidCELExpression',
      'Reconciliation failed terminally',
    ],
    [
      'poison-kubeconfig',
      { kubeConfig: { configMapRef: { name: 'k' } } },
      'UnsupportedField',
      'spec.kubeConfig.configMapRef: not supported',
    ],
    [
      'poison-sops',
      { decryption: { provider: 'sops', serviceAccountName: 'x' } },
      'UnsupportedField',
      'spec.decryption.serviceAccountName: not supported',
    ],
  ])('%s', async (name, spec, reason, message) => {
    await world.kustomization(name, spec)
    const object = await world.failed(name, reason)
    expect(messageOf(object)).toContain(message)
    expect(conditionOf(object, 'Stalled')?.status).toBe('True')
    expect(statusOf(object)['observedGeneration']).toBe(1)
  })
})

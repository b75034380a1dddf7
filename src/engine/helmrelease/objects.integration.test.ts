import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { conditionOf } from '../../kube/condition.ts'
import { startCluster } from '../../sandbox/cluster/start.ts'
import { startWorkloads } from '../../sandbox/workloads/index.ts'
import { packChart } from './testing/chart-shelf.ts'
import { helmForTests } from './testing/helm-path.ts'
import { dataOf, historyOf, ReleaseWorld } from './testing/release-world.ts'

const helm = await helmForTests()
const configMap = `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
data:
  value: {{ .Values.value | quote }}
`
const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata: {labels: {app: {{ .Release.Name }}}}
    spec:
      {{- with .Values.node }}
      nodeSelector: {never: {{ . }}}
      {{- end }}
      containers: [{name: web, image: "web:1"}]
`
const crd = (group: string, field: string) => `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.${group}}
spec:
  group: ${group}
  scope: Namespaced
  names: {kind: Widget, plural: widgets, singular: widget, listKind: WidgetList}
  versions:
    - name: v1
      served: true
      storage: true
      subresources: {status: {}}
      schema:
        openAPIV3Schema:
          type: object
          properties: {spec: {type: object, properties: {${field}: {type: string}}}, status: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`
const widget = (group: string) =>
  `apiVersion: ${group}/v1\nkind: Widget\nmetadata: {name: {{ .Release.Name }}}\nspec: {}\n`
const files = { 'templates/cm.yaml': configMap, 'values.yaml': 'value: one\nreplicas: 1\n' }
const hook = (name: string, event: string) => `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-${name}
  annotations: {helm.sh/hook: ${event}}
data: {image: "one:1"}
`
const testPod = (phase: string) => `apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}-test
  annotations: {helm.sh/hook: test${phase}}
spec:
  restartPolicy: Never
  containers: [{name: test, image: "test:1"}]
`

describe.skipIf(helm === undefined)('the objects of a HelmRelease', { timeout: 90_000 }, () => {
  let world: ReleaseWorld
  const put = (name: string, more: Record<string, string> = {}, version = '0.1.0') =>
    world.shelf.put('HelmChart', name, version, packChart(name, version, { ...files, ...more }))
  const reasons = (name: string) => world.events.filter(({ about }) => about.name === name).map(({ reason }) => reason)
  beforeAll(async () => {
    world = await ReleaseWorld.open({ startCluster, startWorkloads }, helm!)
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' }, spec: {} }
    await world.client.create(node).catch(() => undefined)
    const status = {
      capacity: { cpu: '8', memory: '16Gi', pods: '110' },
      allocatable: { cpu: '8', memory: '16Gi', pods: '110' },
      conditions: [{ type: 'Ready', status: 'True' }],
    }
    const ref = { group: '', version: 'v1', kind: 'Node', namespace: '', name: 'n1' }
    await world.client.patch(ref, 'merge', { status }, { subresource: 'status' })
    await world.start()
  }, 60_000)
  afterAll(() => world?.close())
  beforeEach(() => {
    world.events.length = 0
    world.runs.length = 0
  })

  test('are waited for, and run their hooks and tests', async () => {
    put('web', {
      'templates/deployment.yaml': deployment,
      'templates/before.yaml': hook('before', 'pre-install'),
      'templates/test.yaml': testPod(''),
    })
    await world.release('web', { test: { enable: true } })
    const object = await world.ready('web')
    expect(conditionOf(object, 'TestSuccess')).toMatchObject({
      status: 'True',
      reason: 'TestSucceeded',
      message: 'Helm test succeeded for release apps/web.v1 with chart web@0.1.0: 1 test hook completed successfully',
    })
    expect(conditionOf(object, 'Ready')?.reason).toBe('TestSucceeded')
    expect(historyOf(object)[0]?.testHooks).toMatchObject({ 'web-test': { phase: 'Succeeded' } })
    expect(await world.find('ConfigMap', 'web-before')).toBeDefined()
    const live = await world.find('Deployment', 'web')
    expect(live?.['status']).toMatchObject({ readyReplicas: 1 })
    await world.reconcile('web')
    expect(world.runs).toEqual(['install', 'test'])
  })

  test('whose tests fail are rolled back, or kept where that is no failure', async () => {
    const test = `${testPod('')}  {{- with .Values.node }}\n  nodeSelector: {never: {{ . }}}\n  {{- end }}\n`
    put('tested', { 'templates/test.yaml': test })
    const spec = {
      test: { enable: true, timeout: '2s' },
      upgrade: { remediation: { retries: 0, remediateLastFailure: true } },
    }
    await world.release('tested', spec)
    await world.ready('tested')
    await world.release('tested', { ...spec, values: { value: 'two', node: 'x' } })
    const object = await world.stalled('tested')
    expect(conditionOf(object, 'TestSuccess')).toMatchObject({ status: 'False', reason: 'TestFailed' })
    expect(conditionOf(object, 'Ready')).toMatchObject({ status: 'False', reason: 'RollbackSucceeded' })
    expect(dataOf(await world.find('ConfigMap', 'tested'))?.['value']).toBe('one')
    expect(world.runs).toEqual(['install', 'test', 'upgrade', 'test', 'rollback'])
    await world.release('tested', {
      ...spec,
      test: { ...spec.test, ignoreFailures: true },
      values: { value: 'three', node: 'x' },
    })
    const kept = await world.ready('tested')
    expect(conditionOf(kept, 'TestSuccess')?.status).toBe('False')
    expect(dataOf(await world.find('ConfigMap', 'tested'))?.['value']).toBe('three')
  })

  test('that never get ready hold nobody else up, and two releases are made at the same time', async () => {
    put('never', { 'templates/deployment.yaml': deployment })
    put('quick')
    put('quicker')
    await world.release('never', { values: { node: 'x' }, timeout: '45s' })
    await world.until('never', object => conditionOf(object, 'Reconciling')?.message?.startsWith('Running'))
    await Promise.all([world.release('quick'), world.release('quicker')])
    await Promise.all([world.ready('quick'), world.ready('quicker')])
    expect(conditionOf((await world.find('HelmRelease', 'never'))!, 'Reconciling')?.message).toBe(
      "Running 'install' action with timeout of 45s",
    )
    await world.release('never', { suspend: true })
  })

  test('take definitions of the chart along, and change those only when told', async () => {
    put('crds', { 'crds/w.yaml': crd('a.example.com', 'size'), 'templates/w.yaml': widget('a.example.com') })
    await world.release('crds')
    const object = await world.ready('crds')
    expect(
      (object['status'] as { inventory: { entries: { id: string }[] } }).inventory.entries.map(({ id }) => id),
    ).toEqual([
      '_widgets.a.example.com_apiextensions.k8s.io_CustomResourceDefinition',
      'apps_crds__ConfigMap',
      'apps_crds_a.example.com_Widget',
    ])
    const text = async () =>
      JSON.stringify(
        await world.client.get({
          group: 'apiextensions.k8s.io',
          version: 'v1',
          kind: 'CustomResourceDefinition',
          namespace: '',
          name: 'widgets.a.example.com',
        }),
      )
    const next = { 'crds/w.yaml': crd('a.example.com', 'colour'), 'templates/w.yaml': widget('a.example.com') }
    put('crds', next, '0.2.0')
    await world.until('crds', one => historyOf(one)[0]?.chartVersion === '0.2.0')
    await world.ready('crds')
    expect(await text()).not.toContain('colour')
    await world.release('crds', { upgrade: { crds: 'CreateReplace' } })
    await world.ready('crds')
    put('crds', next, '0.3.0')
    await world.until('crds', one => historyOf(one)[0]?.chartVersion === '0.3.0')
    await world.ready('crds')
    expect(await text()).toContain('colour')
  })

  test('of custom kinds are healthy when expressions say so', async () => {
    put('cel', { 'crds/w.yaml': crd('b.example.com', 'size'), 'templates/w.yaml': widget('b.example.com') })
    const healthCheckExprs = [
      {
        apiVersion: 'b.example.com/v1',
        kind: 'Widget',
        current: 'status.phase == "Good"',
        failed: 'status.phase == "Bad"',
      },
    ]
    await world.release('cel', { healthCheckExprs })
    const ref = { group: 'b.example.com', version: 'v1', kind: 'Widget', namespace: 'apps', name: 'cel' }
    const set = async (phase: string) => {
      while ((await world.client.find(ref).catch(() => undefined)) === undefined)
        await new Promise(r => setTimeout(r, 50))
      await world.client.patch(ref, 'merge', { status: { phase } }, { subresource: 'status' })
    }
    await set('Bad')
    const object = await world.stalled('cel')
    expect(conditionOf(object, 'Ready')?.message).toContain("resources not ready: [Widget/apps/cel status: 'Failed']")
    expect(await world.helm('status', 'cel', '-n', 'apps')).toContain('failed')
    await set('Good')
    await world.release('cel', { healthCheckExprs, values: { value: 'two' } })
    await world.ready('cel')
  })

  test('that drift are told of, or set right, or left alone where rules say so', async () => {
    put('drift', { 'templates/deployment.yaml': deployment })
    const change = (value: string) =>
      world.apply({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'drift', namespace: 'apps' },
        data: { value },
      })
    await world.release('drift', { driftDetection: { mode: 'warn' } })
    await world.ready('drift')
    await change('by hand')
    const warned = await world.reconcile('drift')
    const message =
      'Cluster state of release apps/drift.v1 has drifted from the desired state:\nConfigMap/apps/drift changed (0 additions, 1 changes, 0 removals)'
    expect(conditionOf(warned, 'Drifted')).toMatchObject({ status: 'True', reason: 'DriftDetected', message })
    expect(conditionOf(warned, 'Ready')?.status).toBe('True')
    expect(dataOf(await world.find('ConfigMap', 'drift'))?.['value']).toBe('by hand')
    expect(reasons('drift')).toEqual(['InstallSucceeded', 'DriftDetected'])
    await world.client.delete({ group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'apps', name: 'drift' })
    await world.release('drift', { driftDetection: { mode: 'enabled' } })
    await world.until('drift', object => conditionOf(object, 'Drifted')?.status === 'False')
    const object = await world.ready('drift')
    expect(dataOf(await world.find('ConfigMap', 'drift'))?.['value']).toBe('one')
    expect(await world.find('Deployment', 'drift')).toBeDefined()
    expect(historyOf(object)).toHaveLength(1)
    expect(reasons('drift').slice(2)).toEqual(['DriftDetected', 'DriftCorrected'])
    expect(world.events.at(-1)?.message).toBe(
      'Cluster state of release apps/drift.v1 has been corrected:\nDeployment/apps/drift created\nConfigMap/apps/drift configured',
    )
    const ignore = [{ paths: ['/data/value'], target: { kind: 'ConfigMap' } }]
    await world.release('drift', { driftDetection: { mode: 'enabled', ignore } })
    await world.ready('drift')
    await change('ignored')
    await world.reconcile('drift')
    expect(dataOf(await world.find('ConfigMap', 'drift'))?.['value']).toBe('ignored')
    expect(world.runs).toEqual(['install'])
  })

  test('go through post-renderers once, hooks as the strategy says', async () => {
    const random =
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}-random}\ndata: {a: {{ randAlphaNum 8 }}}\n'
    put('post', {
      'templates/deployment.yaml': deployment,
      'templates/hook.yaml': hook('hook', 'pre-install'),
      'templates/random.yaml': random,
    })
    const patch = '- {op: add, path: /data/added, value: "yes"}'
    const postRenderers = [
      { kustomize: { images: [{ name: 'web', newTag: '2' }] } },
      { kustomize: { patches: [{ patch, target: { kind: 'ConfigMap' } }] } },
    ]
    const commonMetadata = { labels: { team: 'a' }, annotations: { note: 'b' } }
    await world.release('post', { postRenderers, commonMetadata, postRenderStrategy: 'nohooks' })
    await world.ready('post')
    const manifest = await world.helm('get', 'manifest', 'post', '-n', 'apps')
    expect(manifest).toContain('image: web:2')
    const random1 = dataOf(await world.find('ConfigMap', 'post-random'))?.['a']
    expect(manifest).toContain(`a: ${random1}`)
    expect(dataOf(await world.find('ConfigMap', 'post'))).toEqual({ added: 'yes', value: 'one' })
    expect((await world.find('ConfigMap', 'post'))?.metadata).toMatchObject({
      labels: { team: 'a', 'helm.toolkit.fluxcd.io/name': 'post' },
      annotations: { note: 'b' },
    })
    expect(dataOf(await world.find('ConfigMap', 'post-hook'))).toEqual({ image: 'one:1' })
    await world.reconcile('post')
    expect(world.runs).toEqual(['install'])
    await world.release('post', { postRenderers, postRenderStrategy: 'nohooks' })
    await world.until('post', object => historyOf(object)[0]?.version === 2)
    const bad = [
      { kustomize: { patches: [{ patch: '- {op: remove, path: /data/nothing}', target: { kind: 'ConfigMap' } }] } },
    ]
    await world.release('post', { postRenderers: bad })
    const object = await world.until('post', one => conditionOf(one, 'Ready')?.reason === 'UpgradeFailed')
    expect(conditionOf(object, 'Ready')?.message).toContain('nothing')
    await world.release('post', { suspend: true })
  })

  test('left half made by a helm that was killed are finished by the next one', async () => {
    put('killed', { 'templates/deployment.yaml': deployment })
    const pending = async (version: number, status: string) => {
      for (;;) {
        const secret = await world.find('Secret', `sh.helm.release.v1.killed.v${version}`)
        if (secret?.metadata.labels?.['status'] === status) return
        await new Promise(resolve => setTimeout(resolve, 25))
      }
    }
    await world.release('killed', { values: { node: 'x' }, timeout: '60s' })
    await pending(1, 'pending-install')
    await world.stop()
    await pending(1, 'pending-install')
    await world.release('killed', { timeout: '60s' })
    await world.start()
    expect(historyOf(await world.ready('killed'))[0]).toMatchObject({ version: 2, status: 'deployed' })
    expect(reasons('killed')).toEqual(['PendingRelease', 'UpgradeSucceeded'])
    await world.release('killed', { values: { node: 'x', value: 'two' }, timeout: '60s' })
    await pending(3, 'pending-upgrade')
    await world.stop()
    await world.release('killed', { values: { value: 'two' }, timeout: '60s' })
    await world.start()
    await world.until('killed', one => historyOf(one)[0]?.version === 4 && historyOf(one)[0]?.status === 'deployed')
    expect(dataOf(await world.find('ConfigMap', 'killed'))?.['value']).toBe('two')
    expect(historyOf(await world.ready('killed')).map(({ version }) => version)).toEqual([4, 3, 2])
  })
})

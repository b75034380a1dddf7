import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { helmForTests } from '../../src/engine/helmrelease/testing/helm-path.ts'
import { ChartRepositoryStandIn, chartFiles, packChart } from '../../src/engine/testing/chart-repository.ts'
import { FaultyServer } from '../../src/engine/testing/faulty-server.ts'
import { World } from '../../src/engine/testing/world.ts'
import { conditionOf } from '../../src/kube/condition.ts'
import { startCluster } from '../../src/sandbox/cluster/start.ts'
import { startForge } from '../../src/sandbox/forge/index.ts'
import { runSluice } from '../harness/run-sluice.ts'

const helm = await helmForTests()
const canary = 'canary-of-the-values-5c'
const template = (name: string, data: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "{{ .Release.Name }}-${name}"}\ndata: ${data}\n`
const secret = (value: string) =>
  `apiVersion: v1\nkind: Secret\nmetadata: {name: "{{ .Release.Name }}-login"}\nstringData: {password: "${value}"}\n`
const first = {
  'templates/gone.yaml': template('gone', '{a: b}'),
  'templates/login.yaml': secret('{{ .Values.password }}-1'),
  'templates/hook.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: "{{ .Release.Name }}-hook"\n  annotations: {helm.sh/hook: pre-upgrade}\n',
  'templates/env.yaml': template('env', '{password: "{{ .Values.password }}", extra: "{{ .Values.extra }}"}'),
}
const second = {
  'templates/login.yaml': secret('{{ .Values.password }}-2'),
  'templates/new.yaml': template('new', '{a: b}'),
  'templates/env.yaml': first['templates/env.yaml'],
  'templates/hook.yaml': first['templates/hook.yaml'],
}

// A release by an engine of our own, then what the command line says of the next one.
describe.skipIf(helm === undefined)('what the next release would change', () => {
  let world: World
  let charts: ChartRepositoryStandIn
  let elsewhere: FaultyServer
  let folder: string
  const files = (url: string, tag: string, spec: object = {}) => {
    const metadata = { namespace: 'apps' }
    const objects: Record<string, object> = {
      'app/repository.yaml': {
        ...{ apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'HelmRepository' },
        metadata: { ...metadata, name: 'charts' },
        spec: { interval: '1h', url, secretRef: { name: 'charts-login' } },
      },
      'app/values.yaml': {
        ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...metadata, name: 'web-values' } },
        data: { 'values.yaml': `image: {tag: ${tag}}` },
      },
      'app/release.yaml': {
        ...{ apiVersion: 'helm.toolkit.fluxcd.io/v2', kind: 'HelmRelease', metadata: { ...metadata, name: 'web' } },
        spec: {
          interval: '1h',
          chart: { spec: { chart: 'web', version: '1.x', sourceRef: { kind: 'HelmRepository', name: 'charts' } } },
          valuesFrom: [
            { kind: 'ConfigMap', name: 'web-values' },
            { kind: 'Secret', name: 'web-secret', valuesKey: 'password', targetPath: 'password' },
          ],
          postRenderers: [
            {
              kustomize: {
                patches: [
                  {
                    target: { kind: 'ConfigMap' },
                    patch: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, labels: {team: shop}}',
                  },
                ],
              },
            },
          ],
          ...spec,
        },
      },
    }
    return Object.fromEntries(Object.entries(objects).map(([path, object]) => [path, JSON.stringify(object)]))
  }
  const sluice = (...args: string[]) =>
    runSluice([...args, '-n', 'apps', '--kubeconfig', join(world.dir, 'kubeconfig')], {
      cwd: world.dir,
      env: { SLUICE_HELM: helm! },
    })
  const diff = async (...args: string[]) => {
    const run = await sluice('diff', 'helmrelease', 'web', '-o', 'json', ...args)
    expect(run.stdout + run.stderr).not.toContain(canary)
    expect(run.stderr).toBe('')
    const { helmreleases } = JSON.parse(run.stdout) as {
      helmreleases: { objects: { ref: { name: string }; action: string; changes: object[] }[]; unchanged: number }[]
    }
    const [{ objects, unchanged } = { objects: [], unchanged: 0 }] = helmreleases
    return { code: run.code, unchanged, objects: objects.map(one => `${one.action} ${one.ref.name}`), changes: objects }
  }
  const write = (tree: Readonly<Record<string, string>>) => {
    for (const [path, text] of Object.entries(tree)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
  }

  beforeAll(async () => {
    charts = await ChartRepositoryStandIn.start()
    elsewhere = await FaultyServer.start(() => ({ status: 200, body: charts.index() }))
    charts.login = 'reader:pass-of-the-charts'
    charts.add('web', '1.0.0', await packChart('web', '1.0.0', first))
    world = await World.open({ startCluster, startForge }, files(charts.server.url, 'one'))
    folder = join(world.dir, 'tree')
    const login = { username: 'reader', password: 'pass-of-the-charts' }
    const metadata = { namespace: 'apps' }
    await world.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { ...metadata, name: 'charts-login' },
      stringData: login,
    })
    const password = { password: canary }
    await world.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { ...metadata, name: 'web-secret' },
      stringData: password,
    })
    process.env['SLUICE_HELM'] = helm!
    await world.start({ storage: { address: '127.0.0.1:0' } })
    await world.source()
    await world.kustomization('app')
    const find = () =>
      world.client.find({
        group: 'helm.toolkit.fluxcd.io',
        version: 'v2',
        kind: 'HelmRelease',
        namespace: 'apps',
        name: 'web',
      })
    await vi.waitFor(
      async () => expect(conditionOf(await find(), 'Ready')?.message).toContain('Helm install succeeded'),
      { timeout: 60_000, interval: 100 },
    )
    write(files(charts.server.url, 'one'))
  })
  afterAll(async () => {
    delete process.env['SLUICE_HELM']
    await world?.close()
    await charts?.close()
    await elsewhere?.close()
  })

  test('is nothing for a release that stands as it should; the chart comes from the engine that serves it', async () => {
    const asked = charts.server.requests.length
    expect(await diff()).toMatchObject({ code: 0, unchanged: 4, objects: [] })
    expect(charts.server.requests.length).toBe(asked)
  })

  test('is what values of a working tree change, and the cluster stays as it is', async () => {
    write(files(charts.server.url, 'two', { values: { extra: 'more' } }))
    const result = await diff('--path', folder)
    expect(result).toMatchObject({ code: 1, unchanged: 2, objects: ['configure web', 'configure web-env'] })
    expect(result.changes[0]?.changes).toEqual([{ path: 'data.tag', before: 'one', after: 'two' }])
    expect((await world.find('ConfigMap', 'web'))?.['data']).toEqual({ tag: 'one' })
    write(files(charts.server.url, 'one'))
  })

  test('is what drift has changed', async () => {
    await world.apply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'web', namespace: 'apps' },
      data: { tag: 'x' },
    })
    expect(await diff()).toMatchObject({ code: 1, objects: ['configure web'] })
    await world.apply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'web', namespace: 'apps' },
      data: { tag: 'one' },
    })
  })

  test('is what a newer chart changes, fetched from its source with the login of the cluster; Secrets are masked', async () => {
    await world.stop()
    charts.add('web', '1.1.0', await packChart('web', '1.1.0', second))
    const result = await diff()
    expect(result).toMatchObject({
      code: 1,
      unchanged: 2,
      objects: ['configure web-login', 'create web-new', 'delete web-gone'],
    })
    expect(result.changes[0]?.changes).toEqual([
      { path: 'data.password', before: '*** (before)', after: '*** (after)' },
    ])
    const text = await sluice('diff', 'hr', 'web')
    expect(text).toMatchObject({ code: 1, stdout: expect.stringContaining('HelmRelease/apps/web') })
    expect(text.stdout).not.toContain(canary)
  })

  test('is what a chart in a folder changes', async () => {
    const chart = Object.entries(chartFiles('web', '2.0.0', first)).map(([path, body]) => [`charts/web/${path}`, body])
    write({ ...Object.fromEntries(chart), 'charts/web/templates/local.yaml': template('local', '{}') })
    expect(await diff('--chart', join(folder, 'charts/web'))).toMatchObject({ code: 1, objects: ['create web-local'] })
    const other = await sluice('diff', 'kustomization', 'app', '--chart', 'x')
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('--chart') })
  })

  test('is printed whole by build, with post-renderers and hooks, and without any secret', async () => {
    const built = await sluice('build', 'hr', 'web')
    expect(built).toMatchObject({ code: 0, stderr: '' })
    for (const part of ['web-hook', 'team: shop', 'helm.toolkit.fluxcd.io/name: web'])
      expect(built.stdout).toContain(part)
    expect(built.stdout).not.toContain(canary)
    expect((await sluice('build', 'hr', 'web', '--show-secrets')).stdout).toContain(canary)
  })

  test('never sends a login of the cluster to an address that a tree names', async () => {
    write(files(elsewhere.url, 'one'))
    const run = await sluice('diff', 'helmrelease', 'web', '--path', folder)
    expect(run.code).not.toBe(0)
    expect(run.stderr).toContain('spec.secretRef names a Secret of the cluster')
    expect(elsewhere.requests).toHaveLength(0)
    write(files(charts.server.url, 'one'))
  })

  test('is what helm itself would merge, for a release that was not applied by the server', async () => {
    const spec = { install: { serverSideApply: false }, upgrade: { serverSideApply: 'disabled' } }
    const metadata = { name: 'merged', namespace: 'apps' }
    const chart = { spec: { chart: 'web', version: '1.0.0', sourceRef: { kind: 'HelmRepository', name: 'charts' } } }
    const release = (more: object) =>
      world.apply({
        ...{ apiVersion: 'helm.toolkit.fluxcd.io/v2', kind: 'HelmRelease', metadata },
        spec: { interval: '1h', chart, values: { password: canary }, ...spec, ...more },
      })
    await world.start()
    await release({ commonMetadata: { annotations: { note: 'a' } } })
    await world.until('ConfigMap', 'merged-env', found => found !== undefined, { ms: 20_000 })
    await world.quiet()
    await world.stop()
    await release({ commonMetadata: { labels: { kind: 'b' } } })
    const run = await sluice('diff', 'helmrelease', 'merged', '-o', 'json')
    const [{ objects }] = JSON.parse(run.stdout).helmreleases
    expect(run.code).toBe(1)
    expect(objects.find((one: { ref: { name: string } }) => one.ref.name === 'merged-env').changes).toEqual([
      { path: 'metadata.annotations.note', before: 'a' },
      { path: 'metadata.labels.kind', after: 'b' },
    ])
  })

  test('says which release, chart or values there are not', async () => {
    expect(await sluice('diff', 'helmrelease', 'nothing', '--path', folder)).toMatchObject({
      stderr: expect.stringContaining('HelmRelease/apps/nothing'),
    })
    write(files(charts.server.url, 'one', { valuesFrom: [{ kind: 'ConfigMap', name: 'nowhere' }] }))
    expect(await sluice('diff', 'helmrelease', 'web', '--path', folder)).toMatchObject({
      stderr: expect.stringContaining("ConfigMap chart values reference 'apps/nowhere'"),
    })
  })
})

import { generateKeyPairSync, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { conditionOf } from '../../../kube/condition.ts'
import { startCluster } from '../../../sandbox/cluster/start.ts'
import { startForge } from '../../../sandbox/forge/index.ts'
import { ChartRepositoryStandIn, chartFiles, packChart } from '../../testing/chart-repository.ts'
import { RegistryStandIn } from '../../testing/registry.ts'
import { artifactIn, putSecret, putSource, requestSource, sourceReady } from '../../testing/sources.ts'
import { messageOf, World } from '../../testing/world.ts'
import { chartOfArchive } from './chart.ts'

// HelmCharts out of registries and of Git.
let world: World
let charts: ChartRepositoryStandIn
let registry: RegistryStandIn

beforeAll(async () => {
  world = await World.open({ startCluster, startForge }, { 'a.txt': '1' })
  charts = await ChartRepositoryStandIn.start()
  registry = await RegistryStandIn.start()
  await world.start()
})
afterAll(async () => {
  await world.close()
  await charts.close()
  await registry.close()
})
beforeEach(() => {
  charts.login = undefined
  charts.server.fault = () => undefined
})

const repository = (name: string, spec: object = {}) =>
  putSource(world, 'HelmRepository', name, { url: charts.server.url, ...spec })
const chart = (name: string, spec: object) => putSource(world, 'HelmChart', name, spec)
const chartReady = (name: string, version?: string) => sourceReady(world, 'HelmChart', name, version)
const failed = (name: string, reason: string, kind = 'HelmChart') => world.failed(name, reason, kind)
const stored = (object: Parameters<typeof artifactIn>[0]) =>
  chartOfArchive(readFileSync(join(world.dir, 'engine/artifacts', artifactIn(object)!.path)))
const from = (kind: string, name: string) => ({ sourceRef: { kind, name } })

describe('a HelmChart out of a registry', () => {
  const type = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip'
  const push = async (version: string) => {
    const config = registry.blob('{}', 'application/vnd.cncf.helm.config.v1+json')
    const layers = [registry.blob(await packChart('regapp', version), type)]
    return registry.manifest('charts/regapp', version.replace('+', '_'), { config, layers })
  }

  test('takes exact versions and ranges over the tags, and checks signatures', async () => {
    await push('1.0.0')
    await push('1.1.0+build.5')
    await repository('reg', { url: `oci://${registry.host}/charts`, type: 'oci' })
    await chart('exact', { chart: 'regapp', version: '1.0.0', ...from('HelmRepository', 'reg') })
    await chartReady('exact', '1.0.0')
    await chart('ranged', { chart: 'regapp', version: '1.x', ...from('HelmRepository', 'reg') })
    expect(artifactIn(await chartReady('ranged'))?.revision).toBe('1.1.0+build.5')

    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    await putSecret(world, 'chart-keys', { 'cosign.pub': publicKey.export({ type: 'spki', format: 'pem' }).toString() })
    const digest = await push('1.2.0')
    const verify = { provider: 'cosign', secretRef: { name: 'chart-keys' } }
    await chart('verified', { chart: 'regapp', version: '1.2.0', verify, ...from('HelmRepository', 'reg') })
    await failed('verified', 'VerificationError')
    const payload = JSON.stringify({ critical: { image: { 'docker-manifest-digest': digest } } })
    const layer = registry.blob(payload, 'application/vnd.dev.cosign.simplesigning.v1+json', {
      'dev.cosignproject.cosign/signature': sign('sha256', Buffer.from(payload), privateKey).toString('base64'),
    })
    registry.manifest('charts/regapp', `${digest.replace(':', '-')}.sig`, { layers: [layer] })
    await requestSource(world, 'HelmChart', 'verified')
    expect(conditionOf(await chartReady('verified', '1.2.0'), 'SourceVerified')?.status).toBe('True')
  })
})

describe('a HelmChart out of a source', () => {
  const inFolder = (folder: string, files: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]))

  test('is packed with its local and remote dependencies; a new version is a new artifact, a new revision only if asked', async () => {
    // Its own repository: the address is that of no HelmRepository, so nobody's stored index is used.
    const plain = `${charts.server.url}/?for=dependencies`
    charts.add('remote', '3.1.4', await packChart('remote', '3.1.4'))
    const dependencies = `dependencies:\n- name: local\n  version: 0.x\n  repository: file://../local\n- name: remote\n  version: ^3.0.0\n  repository: ${plain}\n`
    const parent = chartFiles('parent', '1.0.0', { '.helmignore': '*.bak\n', 'x.bak': 'no', 'templates/.hidden': 'no' })
    await world.commit({
      ...inFolder('charts/parent', { ...parent, 'Chart.yaml': `${parent['Chart.yaml']}${dependencies}` }),
      ...inFolder('charts/local', chartFiles('local', '0.1.0')),
      'charts/prod.yaml': 'replicas: 9\n',
    })
    await world.source({}, 'chartgit')
    await chart('parent', { chart: './charts/parent', ...from('GitRepository', 'chartgit') })
    const object = await chartReady('parent', '1.0.0')
    expect(conditionOf(object, 'Ready')).toMatchObject({
      reason: 'ChartPackageSucceeded',
      message: "packaged 'parent' chart with version '1.0.0'",
    })
    const made = await stored(object)
    expect([...made.files.keys()].sort()).toEqual([
      '.helmignore',
      'Chart.yaml',
      'charts/local/Chart.yaml',
      'charts/local/templates/configmap.yaml',
      'charts/local/values.yaml',
      'charts/remote/Chart.yaml',
      'charts/remote/templates/configmap.yaml',
      'charts/remote/values.yaml',
      'templates/configmap.yaml',
      'values.yaml',
    ])
    await chart('strict', {
      chart: 'charts/parent',
      reconcileStrategy: 'Revision',
      valuesFiles: ['charts/prod.yaml'],
      ...from('GitRepository', 'chartgit'),
    })
    const commit = await world.commit({ 'unrelated.txt': '1' })
    const strict = await chartReady('strict', `1.0.0+${commit.slice(0, 12)}.1`)
    expect((await stored(strict)).values()).toEqual({ replicas: 9 })
    const same = await world.until('HelmChart', 'parent', one =>
      String((one?.['status'] as Record<string, unknown> | undefined)?.['observedSourceArtifactRevision']).endsWith(
        commit,
      ),
    )
    expect(artifactIn(same)).toEqual(artifactIn(object))
    await world.commit({ 'charts/parent/Chart.yaml': `${chartFiles('parent', '1.0.1')['Chart.yaml']}` })
    await chartReady('parent', '1.0.1')
  })

  test('never reads outside the source, and says what is wrong with a chart', async () => {
    const bad = (folder: string, chartYaml: string) => ({ [`${folder}/Chart.yaml`]: chartYaml })
    const withDependency = (repository: string) =>
      `apiVersion: v2\nname: x\nversion: 1.0.0\ndependencies:\n- name: dep\n  version: '*'\n  repository: ${repository}\n`
    await world.commit({
      ...bad('bad/escape', withDependency('file://../../../../../../etc')),
      ...bad('bad/version', withDependency('file://../../charts/local').replace("'*'", '">9"')),
      ...bad('bad/scheme', withDependency('ftp://example.com/')),
      ...bad('bad/metadata', 'apiVersion: v2\nname: ../evil\nversion: 1.0.0\n'),
      ...inFolder('charts/local', chartFiles('local', '0.1.0')),
    })
    await world.source({}, 'badgit')
    const expectations = [
      ['escape', 'DependencyBuildError', "failed to add local dependency 'dep': no chart found at '/etc'"],
      ['version', 'DependencyBuildError', "can't get a valid version for constraint '>9'"],
      ['scheme', 'DependencyBuildError', 'is not https, http or oci'],
      ['metadata', 'InvalidChartReference', 'chart.metadata.name "../evil" is invalid'],
      ['absent', 'InvalidChartReference', 'no chart found'],
    ] as const
    for (const [name, reason, words] of expectations) {
      await chart(`bad-${name}`, { chart: `bad/${name}`, ...from('GitRepository', 'badgit') })
      expect(messageOf(await failed(`bad-${name}`, reason)), name).toContain(words)
    }
  })
})

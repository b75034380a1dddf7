import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { conditionOf } from '../../kube/condition.ts'
import { startCluster } from '../../sandbox/cluster/start.ts'
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
  nested: {{ .Values.a.b | quote }}
`
const plain = { 'templates/cm.yaml': configMap, 'values.yaml': 'value: one\na: {b: deep}\n' }
const chart = (name: string, version = '0.1.0', files: Record<string, string> = {}) =>
  packChart(name, version, { ...plain, ...files })

describe.skipIf(helm === undefined)('a HelmRelease', { timeout: 90_000 }, () => {
  let world: ReleaseWorld
  const put = (name: string, version = '0.1.0', files: Record<string, string> = {}) =>
    world.shelf.put('HelmChart', name, version, chart(name, version, files))
  beforeAll(async () => {
    world = await ReleaseWorld.open({ startCluster }, helm!)
    await world.start()
  }, 60_000)
  afterAll(() => world?.close())
  beforeEach(() => {
    world.events.length = 0
    world.runs.length = 0
  })

  test('is installed, told as Flux tells it, and seen by helm itself', async () => {
    put('basic')
    await world.release('basic', { values: { value: 'two' } })
    const object = await world.ready('basic')
    const message = 'Helm install succeeded for release apps/basic.v1 with chart basic@0.1.0'
    expect(conditionOf(object, 'Ready')).toMatchObject({ status: 'True', reason: 'InstallSucceeded', message })
    expect(conditionOf(object, 'Released')).toMatchObject({ status: 'True', reason: 'InstallSucceeded', message })
    expect(object['status']).toMatchObject({
      observedGeneration: 1,
      lastAttemptedGeneration: 1,
      lastAttemptedReleaseAction: 'install',
      lastAttemptedRevision: '0.1.0',
      storageNamespace: 'apps',
      history: [
        { apiVersion: 'v2', name: 'basic', namespace: 'apps', version: 1, status: 'deployed', chartName: 'basic' },
      ],
      inventory: { entries: [{ id: 'apps_basic__ConfigMap', v: 'v1' }] },
    })
    const live = await world.find('ConfigMap', 'basic')
    expect(dataOf(live)).toEqual({ value: 'two', nested: 'deep' })
    expect(live?.metadata.labels).toMatchObject({
      'app.kubernetes.io/managed-by': 'Helm',
      'helm.toolkit.fluxcd.io/name': 'basic',
      'helm.toolkit.fluxcd.io/namespace': 'apps',
    })
    expect(live?.metadata.managedFields?.map(({ manager, operation }) => `${manager} ${operation}`)).toEqual([
      'helm-controller Apply',
    ])
    expect(JSON.parse(await world.helm('list', '-n', 'apps', '-o', 'json'))).toMatchObject([
      { name: 'basic', revision: '1', status: 'deployed', chart: 'basic-0.1.0' },
    ])
    expect(world.events.map(({ reason }) => reason)).toEqual(['InstallSucceeded'])
  })

  test('is upgraded for another chart or other values, and an unchanged one runs nothing and writes nothing', async () => {
    put('grow')
    await world.release('grow')
    await world.ready('grow')
    await world.release('grow', { values: { value: 'three' } })
    await world.until('grow', object => historyOf(object)[0]?.version === 2)
    await world.ready('grow')
    put('grow', '0.2.0')
    await world.until('grow', object => historyOf(object)[0]?.chartVersion === '0.2.0')
    const object = await world.ready('grow')
    expect(historyOf(object).map(({ version, status }) => `${version} ${status}`)).toEqual([
      '3 deployed',
      '2 superseded',
    ])
    expect(world.runs).toEqual(['install', 'upgrade', 'upgrade'])
    world.runs.length = 0
    world.calls.length = 0
    await world.reconcile('grow')
    await world.reconcile('grow')
    expect(world.runs).toEqual([])
    expect(world.calls.filter(({ verb }) => verb !== 'patch')).toEqual([])
    expect(JSON.parse(await world.helm('history', 'grow', '-n', 'apps', '-o', 'json'))).toHaveLength(3)
  })

  describe('that fails', () => {
    const bad = {
      'templates/bad.yaml':
        '{{ if .Values.bad }}\napiVersion: v1\nkind: Service\nmetadata: {name: bad-{{ .Release.Name }}}\nspec: {ports: [{port: 99999}]}\n{{ end }}\n',
    }

    test('is rolled back to the last good revision, and stalls when no retries are left', async () => {
      put('back', '0.1.0', bad)
      await world.release('back', { values: { value: 'good' }, upgrade: { remediation: { retries: 1 } } })
      await world.ready('back')
      await world.release('back', { values: { value: 'wrong', bad: true }, upgrade: { remediation: { retries: 1 } } })
      const object = await world.stalled('back')
      expect(conditionOf(object, 'Stalled')).toMatchObject({
        reason: 'RetriesExceeded',
        message: 'Failed to upgrade after 2 attempt(s)',
      })
      expect(conditionOf(object, 'Remediated')).toMatchObject({
        status: 'True',
        reason: 'RollbackSucceeded',
        message: 'Helm rollback to previous release apps/back.v3 with chart back@0.1.0 succeeded',
      })
      expect(conditionOf(object, 'Ready')).toMatchObject({ status: 'False', reason: 'RollbackSucceeded' })
      expect(conditionOf(object, 'Released')?.message).toMatch(
        /^Helm upgrade failed for release apps\/back with chart back@0\.1\.0: .*99999/s,
      )
      expect(object['status']).toMatchObject({ upgradeFailures: 2, lastAttemptedReleaseAction: 'upgrade' })
      expect(dataOf(await world.find('ConfigMap', 'back'))?.['value']).toBe('good')
      expect(world.runs).toEqual(['install', 'upgrade', 'rollback', 'upgrade', 'rollback'])
      expect(JSON.parse(await world.helm('history', 'back', '-n', 'apps', '-o', 'json'))).toMatchObject([
        { revision: 1, status: 'superseded' },
        { revision: 2, status: 'failed' },
        { revision: 3, status: 'superseded' },
        { revision: 4, status: 'failed' },
        { revision: 5, status: 'deployed' },
      ])
    })

    test('comes back by itself when what is wanted is what a rollback brought back', async () => {
      await world.release('back', { values: { value: 'good' }, upgrade: { remediation: { retries: 1 } } })
      const object = await world.ready('back')
      expect(conditionOf(object, 'Ready')?.reason).toBe('UpgradeSucceeded')
      expect(conditionOf(object, 'Stalled')).toBeUndefined()
      expect(conditionOf(object, 'Remediated')).toBeUndefined()
      expect(world.runs).toEqual([])
    })

    test('is uninstalled when it was never installed well, and installed with what is mended', async () => {
      put('first', '0.1.0', bad)
      const install = { remediation: { retries: 1, remediateLastFailure: true } }
      await world.release('first', { values: { bad: true }, install })
      const object = await world.stalled('first')
      expect(conditionOf(object, 'Stalled')?.message).toBe('Failed to install after 2 attempt(s)')
      expect(conditionOf(object, 'Remediated')?.message).toBe(
        'Helm uninstall remediation for release apps/first.v1 with chart first@0.1.0 succeeded',
      )
      expect(world.runs).toEqual(['install', 'uninstall', 'install', 'uninstall'])
      expect(await world.find('ConfigMap', 'first')).toBeUndefined()
      await world.release('first', { values: {}, install })
      expect(historyOf(await world.ready('first'))).toMatchObject([{ version: 1, status: 'deployed' }])
    })

    test('without retries stays as it failed until somebody asks for a reset', async () => {
      put('once', '0.1.0', bad)
      await world.release('once', { values: { bad: true } })
      expect(conditionOf(await world.stalled('once'), 'Ready')?.reason).toBe('InstallFailed')
      await world.reconcile('once')
      expect(world.runs).toEqual(['install'])
      await world.reconcile('once', { 'reconcile.fluxcd.io/resetAt': '' })
      expect(world.runs).toEqual(['install', 'upgrade'])
    })

    test('with the strategy RetryOnFailure is tried again and never taken away', async () => {
      put('retry', '0.1.0', bad)
      await world.release('retry', {
        values: { bad: true },
        install: { strategy: { name: 'RetryOnFailure', retryInterval: '1s' } },
        upgrade: { strategy: { name: 'RetryOnFailure', retryInterval: '1s' } },
      })
      const object = await world.until('retry', () => world.runs.length >= 3)
      expect(world.runs.slice(0, 3)).toEqual(['install', 'upgrade', 'upgrade'])
      expect(conditionOf(object, 'Stalled')).toBeUndefined()
      expect(await world.find('ConfigMap', 'retry')).toBeDefined()
      await world.release('retry', { suspend: true })
    })

    test('because its templates do not render counts as no failure and leaves nothing behind', async () => {
      put('broken', '0.1.0', { 'templates/x.yaml': '{{ fail "no colour given" }}' })
      await world.release('broken')
      const object = await world.until('broken', one => conditionOf(one, 'Ready')?.reason === 'InstallFailed')
      expect(conditionOf(object, 'Ready')?.message).toContain('no colour given')
      expect(conditionOf(object, 'Stalled')).toBeUndefined()
      expect((object['status'] as { installFailures?: number }).installFailures).toBeUndefined()
      await world.release('broken', { suspend: true })
    })
  })

  test('is released once more when somebody forces it', async () => {
    put('force')
    await world.release('force')
    await world.ready('force')
    const object = await world.reconcile('force', { 'reconcile.fluxcd.io/forceAt': '' })
    expect(historyOf(object)[0]?.version).toBe(2)
    expect(world.runs).toEqual(['install', 'upgrade'])
    await world.reconcile('force')
    expect(world.runs).toEqual(['install', 'upgrade'])
  })

  test('is uninstalled when its object is deleted, and left when it was suspended', async () => {
    for (const name of ['gone', 'left']) {
      put(name)
      await world.release(name)
      await world.ready(name)
    }
    await world.release('left', { suspend: true })
    for (const name of ['gone', 'left']) {
      await world.client.delete({
        group: 'helm.toolkit.fluxcd.io',
        version: 'v2',
        kind: 'HelmRelease',
        namespace: 'apps',
        name,
      })
      while ((await world.find('HelmRelease', name)) !== undefined)
        await new Promise(resolve => setTimeout(resolve, 50))
    }
    expect(await world.find('ConfigMap', 'gone')).toBeUndefined()
    expect(await world.find('ConfigMap', 'left')).toBeDefined()
    expect(world.runs).toEqual(['install', 'install', 'uninstall'])
    expect(await world.helm('list', '-n', 'apps', '-q', '--filter', '^(gone|left)$')).toBe('left\n')
  })

  test('goes to its target namespace, with its storage where the object is, and leaves the old place', async () => {
    put('move')
    await world.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'stores' } })
    await world.release('move', { targetNamespace: 'made', install: { createNamespace: true } })
    await world.ready('move')
    expect(await world.find('ConfigMap', 'made-move', 'made')).toBeDefined()
    expect(await world.find('Secret', 'sh.helm.release.v1.made-move.v1', 'apps')).toBeDefined()
    expect(await world.find('Secret', 'sh.helm.release.v1.made-move.v1', 'made')).toBeUndefined()
    await world.release('move', { releaseName: 'other', storageNamespace: 'stores' })
    await world.until('move', object => historyOf(object)[0]?.name === 'other')
    await world.ready('move')
    expect(await world.find('ConfigMap', 'made-move', 'made')).toBeUndefined()
    expect(await world.find('ConfigMap', 'other')).toBeDefined()
    expect(await world.find('Secret', 'sh.helm.release.v1.other.v1', 'stores')).toBeDefined()
    expect(await world.find('Secret', 'sh.helm.release.v1.made-move.v1', 'apps')).toBeUndefined()
  })

  test('of an OCIRepository has the digest in its version', async () => {
    const digest = `sha256:${'ab'.repeat(32)}`
    world.shelf.put('OCIRepository', 'oci', `0.1.0@${digest}`, chart('oci'))
    await world.release('oci', { chartRef: { kind: 'OCIRepository', name: 'oci' } })
    const object = await world.ready('oci')
    expect(object['status']).toMatchObject({
      lastAttemptedRevision: '0.1.0+abababababab',
      lastAttemptedRevisionDigest: digest,
    })
    expect(historyOf(object)[0]).toMatchObject({ chartVersion: '0.1.0+abababababab', ociDigest: digest })
    await world.reconcile('oci')
    expect(world.runs).toEqual(['install'])
  })

  test('waits for what it depends on, and goes on as soon as that is ready', async () => {
    put('base')
    put('top')
    await world.release('top', { dependsOn: [{ name: 'base' }] })
    const waiting = await world.until('top', object => conditionOf(object, 'Ready')?.reason === 'DependencyNotReady')
    expect(conditionOf(waiting, 'Ready')?.message).toBe(
      `unable to get 'apps/base' dependency: helmreleases.helm.toolkit.fluxcd.io "base" not found`,
    )
    await world.release('base')
    await world.ready('top')
  })

  test('takes over a release that somebody made by hand, and one that was changed by hand', async () => {
    put('hand')
    const { writeFile } = await import('node:fs/promises')
    await writeFile(`${world.dir}/hand.tgz`, chart('hand'))
    await world.helm('install', 'hand', `${world.dir}/hand.tgz`, '-n', 'apps')
    await world.release('hand')
    expect(historyOf(await world.ready('hand'))[0]?.version).toBe(2)
    await world.helm(
      'upgrade',
      'hand',
      `${world.dir}/hand.tgz`,
      '-n',
      'apps',
      '--set',
      'value=mine',
      '--force-conflicts',
    )
    const object = await world.reconcile('hand')
    expect(historyOf(object)[0]?.version).toBe(4)
    expect(dataOf(await world.find('ConfigMap', 'hand'))?.['value']).toBe('one')
  })
})

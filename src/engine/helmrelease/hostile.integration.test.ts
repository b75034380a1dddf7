import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { conditionOf } from '../../kube/condition.ts'
import { startCluster } from '../../sandbox/cluster/start.ts'
import { packChart } from './testing/chart-shelf.ts'
import { helmForTests } from './testing/helm-path.ts'
import { ReleaseWorld } from './testing/release-world.ts'

const helm = await helmForTests()
const cm = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "{{ .Release.Name }}"}\n'
const secret = 'correct-horse-battery'

describe.skipIf(helm === undefined)('HelmReleases that mean harm', { timeout: 60_000 }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-spy-'))
  let world: ReleaseWorld
  beforeAll(async () => {
    // A helm that writes down how it was started, and is the real one otherwise.
    const spy = join(dir, 'helm')
    const script = `#!/bin/sh\nif [ "$1" != version ]; then\n  { echo "$@"; /usr/bin/env; /bin/ls -ln "$HOME" "$HOME/.."; } >> ${dir}/seen.txt\nfi\nexec ${helm} "$@"\n`
    writeFileSync(spy, script)
    chmodSync(spy, 0o755)
    world = await ReleaseWorld.open({ startCluster }, spy)
    for (const name of ['good', 'bad']) {
      world.shelf.put('HelmChart', name, '1.0.0', packChart(name, '1.0.0', { 'templates/cm.yaml': cm }))
    }
    world.shelf.put('HelmChart', 'garbage', '1.0.0', Buffer.from('no chart'))
    await world.apply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'broken', namespace: 'apps' },
      data: { 'values.yaml': 'a: [' },
    })
    await world.start()
  }, 60_000)
  afterAll(async () => {
    await world?.close()
    rmSync(dir, { recursive: true, force: true })
  })

  test('are told what is wrong with them, and stop nobody else', async () => {
    const bad = { chartRef: { kind: 'HelmChart', name: 'bad' } }
    const cases: [name: string, spec: object, reason: string, message: string][] = [
      [
        'cel',
        { ...bad, healthCheckExprs: [{ apiVersion: 'v1', kind: 'Pod', current: 'a +' }] },
        'InvalidCELExpression',
        'a +',
      ],
      ['expr', { ...bad, dependsOn: [{ name: 'good', readyExpr: '((' }] }, 'InvalidCELExpression', '(('],
      [
        'loop-a',
        { ...bad, dependsOn: [{ name: 'loop-b' }] },
        'DependencyNotReady',
        'dependency cycle: apps/loop-a -> apps/loop-b -> apps/loop-a',
      ],
      [
        'loop-b',
        { ...bad, dependsOn: [{ name: 'loop-a' }] },
        'DependencyNotReady',
        'dependency cycle: apps/loop-b -> apps/loop-a -> apps/loop-b',
      ],
      [
        'values',
        { ...bad, valuesFrom: [{ kind: 'ConfigMap', name: 'broken' }] },
        'ValuesError',
        "ConfigMap chart values reference 'apps/broken'",
      ],
      [
        'nothing',
        { chartRef: { kind: 'HelmChart', name: 'nothing' } },
        'ArtifactFailed',
        'helmcharts.source.toolkit.fluxcd.io "nothing" not found',
      ],
      ['archive', { chartRef: { kind: 'HelmChart', name: 'garbage' } }, 'ArtifactFailed', 'Could not load chart: '],
      ['long', { ...bad, interval: '99999999999999h' }, 'InvalidInterval', 'spec.interval is not a duration'],
      [
        'remote',
        { ...bad, kubeConfig: { secretRef: { name: 'none' } } },
        'RESTClientError',
        `secrets "none" not found`,
      ],
      [
        'cloud',
        { ...bad, kubeConfig: { configMapRef: { name: 'none' } } },
        'RESTClientError',
        'configMapRef is not supported',
      ],
    ]
    for (const [name, spec] of cases) await world.release(name, spec)
    for (const [name, , reason, message] of cases) {
      await world.until(name, one => {
        const ready = conditionOf(one, 'Ready')
        return ready?.status === 'False' && ready.reason === reason && ready.message?.includes(message)
      })
    }
    await world.release('good')
    await world.ready('good')
    await world.release('pointer', { ...bad, driftDetection: { mode: 'enabled', ignore: [{ paths: ['no pointer'] }] } })
    expect(conditionOf(await world.stalled('pointer'), 'Ready')?.message).toContain('"no pointer" is no JSON pointer')
  })

  test('cannot make helm show or keep a secret', async () => {
    const template = '{{ if .Values.fail }}{{ fail (printf "the password is %s" .Values.db.password) }}{{ end }}'
    world.shelf.put(
      'HelmChart',
      'leak',
      '1.0.0',
      packChart('leak', '1.0.0', { 'templates/cm.yaml': cm, 'templates/x.yaml': template }),
    )
    const data = { password: Buffer.from(secret).toString('base64') }
    await world.apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db', namespace: 'apps' }, data })
    const valuesFrom = [{ kind: 'Secret', name: 'db', valuesKey: 'password', targetPath: 'db.password' }]
    await world.release('leak', { valuesFrom })
    await world.ready('leak')
    expect(await world.helm('get', 'values', 'leak', '-n', 'apps')).toContain(secret)
    await world.release('leak', { valuesFrom, values: { fail: true } })
    const object = await world.until('leak', one => conditionOf(one, 'Ready')?.reason === 'UpgradeFailed')
    expect(conditionOf(object, 'Ready')?.message).toContain('the password is ***')
    expect(JSON.stringify([object, world.events])).not.toContain(secret)
    await world.release('leak', { suspend: true })
    const seen = readFileSync(join(dir, 'seen.txt'), 'utf8')
    expect(seen).toContain('install leak')
    expect(seen).not.toContain(secret)
    expect(seen).not.toMatch(/^(?:SLUICE|NODE|VITEST|SHELL|USER)/m)
    expect(seen).toMatch(/^-rw------- .* kubeconfig$/m)
    expect(seen).toMatch(/^drwx------ .* r-\w+$/m)
    const folder = join(world.dir, 'engine', 'helm')
    await world.stop()
    expect(existsSync(folder) ? readdirSync(folder) : []).toEqual([])
  })
})

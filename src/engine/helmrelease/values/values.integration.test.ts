import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startCluster } from '../../../sandbox/cluster/start.ts'
import { packChart } from '../testing/chart-shelf.ts'
import { helmForTests } from '../testing/helm-path.ts'
import { historyOf, ReleaseWorld } from '../testing/release-world.ts'
import { digestValues } from './digest.ts'
import { PathError, setPath } from './set-path.ts'

const helm = await helmForTests()

describe.skipIf(helm === undefined)('values beside the real helm', { timeout: 90_000 }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-values-'))
  beforeAll(() => {
    mkdirSync(join(dir, 'chart', 'templates'), { recursive: true })
    writeFileSync(join(dir, 'chart', 'Chart.yaml'), 'apiVersion: v2\nname: chart\nversion: 1.0.0\n')
    writeFileSync(join(dir, 'chart', 'templates', 'all.yaml'), 'all: {{ omit .Values "none" | toJson | quote }}\n')
  })
  afterAll(() => rmSync(dir, { recursive: true, force: true }))

  /** What helm makes of an argument; undefined when it refuses it. */
  const helmSets = (argument: string): unknown => {
    try {
      const env = { HOME: dir }
      const out = execFileSync(helm!, ['template', 'x', join(dir, 'chart'), '--set', argument], { env, stdio: 'pipe' })
      const text = /^all: (".*")$/m.exec(out.toString('utf8'))?.[1]
      return JSON.parse(JSON.parse(text!) as string)
    } catch {
      return undefined
    }
  }

  test('paths mean what they mean to helm --set', () => {
    const key = fc.constantFrom('a', 'b', 'long-name', 'x_y')
    const step = fc.oneof(
      key.map(name => `.${name}`),
      fc.integer({ min: 0, max: 3 }).map(index => `[${index}]`),
    )
    const path = fc.tuple(key, fc.array(step, { maxLength: 3 })).map(([first, rest]) => first + rest.join(''))
    const value = fc.constantFrom(
      '1',
      'true',
      'x',
      '{a,2}',
      '{}',
      'x\\,y',
      '010',
      '0',
      '-5',
      'y,b=2',
      'null',
      '{a',
      '1e3',
      'A=b',
    )
    fc.assert(
      fc.property(path, value, (where, what) => {
        const ours: Record<string, unknown> = {}
        let refused = false
        try {
          setPath(ours, where, what)
        } catch (error) {
          expect(error).toBeInstanceOf(PathError)
          refused = true
        }
        const theirs = helmSets(`${where}=${what}`)
        // helm drops nulls when it merges into the chart's own values; those of the release keep them.
        const drop = (table: unknown) =>
          JSON.parse(JSON.stringify(table, (_key, item) => (item === null ? undefined : item)))
        if (refused) expect(theirs).toBeUndefined()
        else if (!JSON.stringify(ours).includes('null')) expect(theirs).toEqual(drop(ours))
      }),
      { numRuns: 60 },
    )
  })

  test('of a release are those that helm tells, with the digest of the history', async () => {
    const world = await ReleaseWorld.open({ startCluster }, helm!)
    try {
      const cm = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "{{ .Release.Name }}"}\n'
      world.shelf.put('HelmChart', 'vals', '1.0.0', packChart('vals', '1.0.0', { 'templates/cm.yaml': cm }))
      const data = {
        'values.yaml':
          'a: {x: 1, z: 2.5}\nlist: [1, {k: v}]\nbig: 1000000\ntext: "1"\nempty: {}\nnil: null\nnine: 1e3\n',
        port: '8080',
      }
      await world.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'from', namespace: 'apps' }, data })
      const values = { a: { z: 'über', 'dotted.key': true }, '10': 'x', multi: 'line one\nline two\n', on: 'yes' }
      const valuesFrom = [
        { kind: 'ConfigMap', name: 'from' },
        { kind: 'ConfigMap', name: 'from', valuesKey: 'port', targetPath: 'a.port' },
      ]
      await world.release('vals', { values, valuesFrom })
      await world.start()
      const object = await world.ready('vals')
      const expected = {
        a: { x: 1, z: 'über', 'dotted.key': true, port: 8080 },
        list: [1, { k: 'v' }],
        big: 1_000_000,
        text: '1',
        empty: {},
        nil: null,
        nine: 1000,
        '10': 'x',
        multi: 'line one\nline two\n',
        on: 'yes',
      }
      expect(JSON.parse(await world.helm('get', 'values', 'vals', '-n', 'apps', '-o', 'json'))).toEqual(expected)
      expect(historyOf(object)[0]?.configDigest).toBe(digestValues(expected))
      await world.reconcile('vals')
      expect(world.runs).toEqual(['install'])
      await world.apply({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'from', namespace: 'apps' },
        data: { ...data, port: '9090' },
      })
      await world.until('vals', one => historyOf(one)[0]?.version === 2)
      expect(await world.helm('get', 'values', 'vals', '-n', 'apps')).toContain('port: 9090')
    } finally {
      await world.close()
    }
  })
})

import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readArchive, writeArchive } from './archive.ts'
import { openChart } from './chart.ts'

const pack = (files: Readonly<Record<string, string>>) =>
  writeArchive(Object.entries(files).map(([path, text]) => ({ path, bytes: Buffer.from(text) })))
const crd = (name: string) =>
  `apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: ${name}}\n`
const meta = 'apiVersion: v2\nname: web\nversion: 1.2.3 # the version\nappVersion: "7"\n'

test('archives give back what was put into them, long paths included', () => {
  const path = fc.stringMatching(/^[a-z]{1,60}(\/[a-z]{1,60}){0,4}$/)
  const files = fc.uniqueArray(fc.tuple(path, fc.uint8Array({ maxLength: 2000 })), {
    selector: ([name]) => name,
    maxLength: 5,
  })
  fc.assert(
    fc.property(files, list => {
      const given = list.map(([name, bytes]) => ({ path: name, bytes: Buffer.from(bytes) }))
      expect(readArchive(writeArchive(given))).toEqual(given)
    }),
  )
})

describe('a chart', () => {
  test('tells its name, versions and definitions, those of charts in it last', () => {
    const inner = pack({ 'deep/Chart.yaml': meta, 'deep/crds/c.yaml': crd('c') })
    const outer = writeArchive([
      { path: 'web/Chart.yaml', bytes: Buffer.from(meta) },
      { path: 'web/crds/a.yaml', bytes: Buffer.from(crd('a')) },
      { path: 'web/charts/sub/crds/b.yaml', bytes: Buffer.from(crd('b')) },
      { path: 'web/charts/deep-1.0.0.tgz', bytes: inner },
    ])
    const chart = openChart(outer)
    expect(chart).toMatchObject({ name: 'web', version: '1.2.3', appVersion: '7', ociDigest: undefined })
    expect(chart.crds.map(({ metadata }) => metadata.name).sort()).toEqual(['a', 'b', 'c'])
    expect(chart.archive).toBe(outer)
  })

  test('of a registry gets the digest into its version, and nothing else changes', () => {
    const chart = openChart(
      pack({ 'web/Chart.yaml': meta, 'web/values.yaml': 'a: 1\n' }),
      `1.2.3@sha256:${'0af'.repeat(20)}0a0a`,
    )
    expect(chart.version).toBe('1.2.3+0af0af0af0af')
    const files = readArchive(chart.archive).map(({ path, bytes }) => [path, bytes.toString()])
    expect(files).toEqual([
      ['web/Chart.yaml', meta.replace('1.2.3', '1.2.3+0af0af0af0af')],
      ['web/values.yaml', 'a: 1\n'],
    ])
    expect(openChart(pack({ 'web/Chart.yaml': meta }), `sha256:${'ab'.repeat(32)}`).version).toBe('1.2.3+abababababab')
  })

  test('whose tag is not its version is refused', () => {
    expect(() => openChart(pack({ 'web/Chart.yaml': meta }), `2.0.0@sha256:${'ab'.repeat(32)}`)).toThrow(
      'artifact revision 2.0.0 does not match chart version 1.2.3',
    )
  })

  test.each([
    ['no archive', Buffer.from('hello')],
    ['no Chart.yaml', pack({ 'web/values.yaml': '' })],
    ['a Chart.yaml that is no map', pack({ 'web/Chart.yaml': '- a' })],
    ['no version', pack({ 'web/Chart.yaml': 'name: web\n' })],
    ['a path out of it', pack({ '../x': '', 'web/Chart.yaml': meta })],
    ['a bomb', gzipSync(Buffer.alloc(101 * 1024 * 1024))],
  ])('with %s is refused with a clear error', (_what, archive) => {
    expect(() => openChart(archive)).toThrow(/^Could not load chart: ./)
  })
})

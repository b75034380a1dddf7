import { expect, test } from 'vitest'
import { objectMetrics } from './object-metrics.ts'

const metadata = { name: 'web', namespace: 'apps' }

function infoOf(object: object): Record<string, string> {
  const all = [...objectMetrics(() => [object as never])()]
  return all.find(({ name }) => name === 'gotk_resource_info')!.labels
}

test('a HelmRelease says which chart is released, and from where', () => {
  const info = infoOf({
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata,
    spec: {
      chart: { spec: { chart: 'podinfo', version: '6.x', sourceRef: { kind: 'HelmRepository', name: 'charts' } } },
    },
    status: {
      conditions: [{ type: 'Ready', status: 'True' }],
      history: [{ chartName: 'podinfo', chartVersion: '6.7.1', appVersion: '6.7' }, { chartVersion: '6.0.0' }],
    },
  })
  expect(info).toMatchObject({
    customresource_group: 'helm.toolkit.fluxcd.io',
    customresource_kind: 'HelmRelease',
    customresource_version: 'v2',
    exported_namespace: 'apps',
    name: 'web',
    ready: 'True',
    suspended: 'false',
    revision: '6.7.1',
    chart_name: 'podinfo',
    chart_app_version: '6.7',
    chart_source_name: 'charts',
    chart_ref_name: '',
  })
})

test('a HelmChart says what is asked for, a Bucket where it is', () => {
  const source = { apiVersion: 'source.toolkit.fluxcd.io/v1', metadata }
  expect(infoOf({ ...source, kind: 'HelmChart', spec: { chart: 'podinfo', version: '6.x' } })).toMatchObject({
    chart_name: 'podinfo',
    chart_version: '6.x',
  })
  const bucket = { ...source, kind: 'Bucket', spec: { endpoint: 's3.example.com', bucketName: 'fleet', suspend: true } }
  expect(infoOf(bucket)).toMatchObject({ endpoint: 's3.example.com', bucket_name: 'fleet', suspended: 'true' })
})

test('fields of the wrong type, and logins in an address, are left out', () => {
  const odd = {
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata,
    spec: 7,
    status: { history: [3] },
  }
  expect(infoOf(odd)).toMatchObject({ revision: '', chart_name: '', url: '' })
  const git = { apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository', metadata }
  expect(infoOf({ ...git, spec: { url: 'https://octo:secret@example.com/a.git' } })['url']).toBe(
    'https://example.com/a.git',
  )
})

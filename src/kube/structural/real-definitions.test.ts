import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { load } from 'js-yaml'
import { describe, expect, test } from 'vitest'
import { formatFieldError } from '../field-error-format.ts'
import type { KubeObject } from '../object.ts'
import type { Schema } from '../schema/types.ts'
import { validateCrd } from './validate-crd.ts'
import { validateCustomResource } from './validate-custom-resource.ts'

const folder = '../shared/data/crds'
const files = existsSync(folder)
  ? ['flux', 'eks-anywhere'].flatMap(part => readdirSync(`${folder}/${part}`).map(file => `${folder}/${part}/${file}`))
  : []

describe.skipIf(files.length === 0)('the definitions of Flux and EKS Anywhere', () => {
  test.each(files)('%s is accepted', file => {
    const crd = load(readFileSync(file, 'utf8')) as KubeObject
    expect(validateCrd(crd).map(formatFieldError)).toEqual([])
  })
})

describe.skipIf(files.length === 0)('the rules of HelmRelease', () => {
  const schema = (): Schema => {
    const file = `${folder}/flux/helm.toolkit.fluxcd.io_helmreleases.yaml`
    const crd = load(readFileSync(file, 'utf8')) as { spec: { versions: { schema: { openAPIV3Schema: Schema } }[] } }
    return crd.spec.versions[0]!.schema.openAPIV3Schema
  }
  const chart = { spec: { chart: 'podinfo', sourceRef: { kind: 'HelmRepository', name: 'podinfo' } } }
  const chartRef = { kind: 'OCIRepository', name: 'podinfo' }
  test.each([
    [{ interval: '5m', chart }, []],
    [{ interval: '5m', chartRef }, []],
    [{ interval: '5m', chart, chartRef }, ['spec: Invalid value: either chart or chartRef must be set']],
    [{ interval: '5m' }, ['spec: Invalid value: either chart or chartRef must be set']],
    [
      { interval: '5 minutes', chart },
      [
        'spec.interval: Invalid value: "5 minutes": spec.interval in body should match \'^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$\'',
      ],
    ],
  ])('%j', (spec, messages) => {
    const object = { apiVersion: 'helm.toolkit.fluxcd.io/v2', kind: 'HelmRelease', metadata: { name: 'a' }, spec }
    expect(validateCustomResource(schema(), object).map(formatFieldError)).toEqual(messages)
  })
})

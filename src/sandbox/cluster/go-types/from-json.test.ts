import { describe, expect, it } from 'vitest'
import { decodeGo, GoDecodeError } from './from-json.ts'
import { canonicalQuantity } from './quantity.ts'

describe('reading JSON as Go types', () => {
  it('leaves out what Go leaves out and fills in structs', () => {
    const { object } = decodeGo('core/v1.ConfigMap', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', labels: {}, annotations: null },
      data: {},
    })
    expect(object).toEqual({ kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a' } })
    const service = decodeGo('core/v1.Service', { metadata: { name: 's' }, spec: { ports: [{ port: 80 }] } })
    expect(service.object).toEqual({
      metadata: { name: 's' },
      spec: { ports: [{ port: 80 }] },
      status: { loadBalancer: {} },
    })
  })

  it('keeps zero values behind pointers', () => {
    const { object } = decodeGo('apps/v1.DeploymentSpec', { replicas: 0, paused: false })
    expect(object).toMatchObject({ replicas: 0, strategy: {} })
    expect(object).not.toHaveProperty('paused')
  })

  it('names unknown fields in the order of the body', () => {
    const spec = { template: { spec: { containers: [{ name: 'a', imagePullPolcy: 'x' }] } }, replicaz: 1 }
    expect(decodeGo('apps/v1.Deployment', { spec, Data: 1 }).unknown).toEqual([
      'spec.template.spec.containers[0].imagePullPolcy',
      'spec.replicaz',
      'Data',
    ])
  })

  it.each([
    [
      'apps/v1.Deployment',
      { spec: { replicas: 'three' } },
      'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [
      'apps/v1.Deployment',
      { spec: { replicas: 1.5 } },
      'json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [
      'core/v1.Pod',
      { spec: { containers: {} } },
      'json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container',
    ],
    ['core/v1.Secret', { data: { k: '%%%' } }, 'illegal base64 data at input byte 0'],
  ])('says what does not fit in %s', (key, value, message) => {
    expect(() => decodeGo(key, value)).toThrow(new GoDecodeError(message))
  })

  it.each([
    ['0.5', '500m'],
    ['1000m', '1'],
    ['1024Mi', '1Gi'],
    ['1.5Gi', '1536Mi'],
    ['100000', '100k'],
    ['0', '0'],
    ['1e3', '1e3'],
    ['512Ki', '512Ki'],
    ['-5m', '-5m'],
    ['10Ki', '10Ki'],
  ])('writes the quantity %s as %s', (text, expected) => {
    expect(canonicalQuantity(text)).toBe(expected)
  })
})

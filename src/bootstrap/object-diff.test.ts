import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../kube/object.ts'
import { actionOf } from './action-of.ts'
import { objectDiff } from './object-diff.ts'

const secret = (data: Record<string, string>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'flux-system', namespace: 'flux-system' },
  data,
})
const source = (interval: string, more: object = {}): KubeObject => ({
  apiVersion: 'source.toolkit.fluxcd.io/v1',
  kind: 'GitRepository',
  metadata: { name: 'a', namespace: 'b', ...more },
  spec: { interval, url: 'https://example.com/a' },
})

describe('the difference that applying an object makes', () => {
  it('is of the fields that are applied alone', () => {
    const live = { ...source('5m', { resourceVersion: '7', labels: { x: 'y' } }), status: { ready: true } }
    const diff = objectDiff(source('1m'), live)
    expect(diff).toContain('-  interval: 5m')
    expect(diff).toContain('+  interval: 1m')
    expect(diff).not.toMatch(/status|resourceVersion|labels/)
    expect(objectDiff(source('5m'), live)).toBe('')
  })

  it('holds no value of a Secret, and says all the same that one becomes another', () => {
    const values = { password: 'c2VjcmV0LW9uZQ==', username: 'Z2l0' }
    const made = objectDiff(secret(values), undefined)
    expect(made).toContain("+  password: '***'")
    const changed = objectDiff(secret(values), secret({ ...values, password: 'c2VjcmV0LXR3bw==' }))
    expect(changed).toContain("-  password: '*** (the one now)'")
    expect(changed).toContain("+  password: '*** (another one)'")
    const other = objectDiff(secret({ username: 'Z2l0', password: 'eA==' }), secret({ identity: 'a2V5' }))
    expect(other).toContain("-  identity: '***'")
    for (const diff of [made, changed, other]) expect(diff).not.toMatch(/c2Vj|Z2l0|a2V5|eA==/)
  })

  it('is none where the server writes the same quantity in another way, or fills in what nobody asked for', () => {
    const wanted: KubeObject = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'a', namespace: 'b' },
      spec: { containers: [{ name: 'manager', resources: { limits: { cpu: '1000m', memory: '1Gi' } } }] },
    }
    const live = (limits: object) => ({
      ...wanted,
      spec: { containers: [{ name: 'manager', terminationMessagePath: '/dev', resources: { limits } }] },
    })
    const same = live({ cpu: '1', memory: '1Gi' })
    expect([objectDiff(wanted, same), actionOf(wanted, same)]).toEqual(['', 'keep'])
    const other = live({ cpu: '1', memory: '2Gi' })
    expect(actionOf(wanted, other)).toBe('configure')
    const changed = objectDiff(wanted, other)
    expect(changed).toContain('memory: 2Gi')
    expect(changed).not.toMatch(/^[-+] .*(cpu|terminationMessagePath)/m)
    const port = (containerPort: string) => ({ ...wanted, spec: { ports: { containerPort } } })
    expect(actionOf(port('1k'), port('1000'))).toBe('configure')
  })

  it('of a new definition leaves its schemas out', () => {
    const crd: KubeObject = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'a.b' },
      spec: { group: 'b', versions: [{ name: 'v1', schema: { openAPIV3Schema: { type: 'object' } } }] },
    }
    expect(objectDiff(crd, undefined)).toContain('schema: (not shown)')
    expect(objectDiff(crd, undefined)).not.toContain('openAPIV3Schema')
  })
})

import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../kube/object.ts'
import { managerOf, pathSteps } from './field-manager.ts'
import { touchOf } from './touch.ts'

const at = (minute: number): string => `2026-01-01T00:0${minute}:00Z`
const engine = {
  manager: 'kustomize-controller',
  operation: 'Apply' as const,
  time: at(1),
  fieldsV1: {
    'f:metadata': { 'f:labels': { 'f:app.kubernetes.io/name': {} } },
    'f:spec': { 'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"b"}': { '.': {}, 'f:image': {} } } } } },
  },
}
const person = {
  manager: 'kubectl-edit',
  operation: 'Update' as const,
  time: at(2),
  fieldsV1: { 'f:spec': { 'f:replicas': {}, 'f:args': { 'v:"x"': {} } } },
}
const scaler = {
  manager: 'kube-controller-manager',
  operation: 'Update' as const,
  time: at(3),
  subresource: 'status',
  fieldsV1: { 'f:status': {} },
}
const object = (managedFields: object[]): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', labels: { 'app.kubernetes.io/name': 'web' }, managedFields },
  spec: {
    replicas: 3,
    args: ['y', 'x'],
    template: { spec: { containers: [{ name: 'a' }, { name: 'b', image: 'i' }] } },
  },
})

describe('who set a field', () => {
  it('is found through keys of lists, sets and quoted names', () => {
    const live = object([engine, person, scaler])
    expect(managerOf(live, 'spec.replicas')).toEqual({ manager: 'kubectl-edit', at: at(2), operation: 'Update' })
    expect(managerOf(live, 'spec.template.spec.containers[1].image')?.manager).toBe('kustomize-controller')
    expect(managerOf(live, 'spec.template.spec.containers[0].image')).toBeUndefined()
    expect(managerOf(live, 'metadata.labels["app.kubernetes.io/name"]')?.manager).toBe('kustomize-controller')
    expect(managerOf(live, 'spec.args[1]')?.manager).toBe('kubectl-edit')
    expect(managerOf(live, 'spec.args[0]')).toBeUndefined()
  })

  it('is the one who wrote last, where several own it', () => {
    const both = { ...person, manager: 'other', time: at(4) }
    expect(managerOf(object([person, both]), 'spec.replicas')?.manager).toBe('other')
  })

  it('takes paths apart as they are written', () => {
    expect(pathSteps('data["a.b"].c[0][1]')).toEqual(['data', 'a.b', 'c', 0, 1])
    expect(pathSteps('["x y"].z')).toEqual(['x y', 'z'])
  })
})

describe('an object that was touched', () => {
  it('was written by somebody else after the engine', () => {
    expect(touchOf(object([engine, person]))).toEqual({ manager: 'kubectl-edit', at: at(2) })
    expect(touchOf(object([{ ...engine, time: at(5) }, person]))).toBeUndefined()
    expect(touchOf(object([person]))).toBeUndefined()
  })

  it('is not one whose status, scale or metadata alone was written, nor one that Kubernetes itself wrote', () => {
    expect(touchOf(object([engine, scaler]))).toBeUndefined()
    expect(touchOf(object([engine, { ...person, subresource: 'scale' }]))).toBeUndefined()
    expect(touchOf(object([engine, { ...person, fieldsV1: { 'f:metadata': {} } }]))).toBeUndefined()
    expect(touchOf(object([engine, { ...person, manager: 'kube-controller-manager' }]))).toBeUndefined()
  })
})

import { describe, expect, test } from 'vitest'
import { problemOf, withSoundStatus } from './problem.ts'

const metadata = { name: 'app', namespace: 'apps' }
const kustomization = (spec: unknown) =>
  ({ apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization', metadata, spec }) as never
const good = { interval: '10m', prune: true, sourceRef: { kind: 'GitRepository', name: 'fleet' } }

describe('an object that no schema has looked at', () => {
  test('is good when its types are: what the values mean is for others to say', () => {
    expect(problemOf(kustomization(good))).toBeUndefined()
    expect(problemOf(kustomization({ ...good, interval: 'soon', unknown: 7 }))).toBeUndefined()
    expect(problemOf({ apiVersion: 'v1', kind: 'ConfigMap', metadata, spec: 7 } as never)).toBeUndefined()
  })

  test('is told by its fields', () => {
    expect(problemOf(kustomization(undefined))).toMatch(/^spec: /)
    expect(problemOf(kustomization({ ...good, dependsOn: 'x' }))).toMatch(/^spec\.dependsOn: Invalid value/)
    expect(problemOf(kustomization({ ...good, patches: [null] }))).toMatch(/^spec\.patches\[0\]: /)
    expect(problemOf(kustomization({ interval: '10m', prune: true }))).toMatch(/^spec\.sourceRef: Required value/)
  })
})

test('fields of a status that nobody can read are left out, the others stay', () => {
  const object = (status: unknown) => ({ ...(kustomization(good) as object), status }) as never
  const sound = { conditions: [{ type: 'Ready' }], inventory: { entries: [{ id: 'a_b__C', v: 'v1' }] } }
  const same = object(sound)
  expect(withSoundStatus(same)).toBe(same)
  expect(withSoundStatus(object('x'))['status']).toBeUndefined()
  const odd = { conditions: 'x', artifact: 7, inventory: { entries: [7] }, history: {}, lastAppliedRevision: 'r' }
  expect(withSoundStatus(object(odd))['status']).toEqual({ lastAppliedRevision: 'r' })
})

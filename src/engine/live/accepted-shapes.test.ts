import { describe, expect, it } from 'vitest'
import type { Clock } from '../../base/clock.ts'
import type { KubeObject } from '../../kube/object.ts'
import { AcceptedShapes } from './accepted-shapes.ts'

let now = 0
const clock: Clock = { now: () => new Date(0), monotonic: () => now, sleep: () => Promise.resolve() }

const service = (name: string, spec: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'apps' },
  spec: { selector: { app: name }, ports: [{ port: 80 }], ...spec },
})

function knows(accepted: KubeObject, asked: KubeObject, identity = ''): boolean {
  const shapes = new AcceptedShapes(clock)
  const shape = shapes.shapeOf(accepted, '')
  if (shape === undefined) return false
  shapes.add(shape)
  const other = shapes.shapeOf(asked, identity)
  return other !== undefined && shapes.has(other)
}

describe('the like of an accepted object', () => {
  it('differs in its own name, wherever that stands', () => {
    expect(knows(service('web-1'), service('web-2'))).toBe(true)
  })

  it('is no other object: another field, namespace, kind or identity', () => {
    expect(knows(service('web-1'), service('web-2', { type: 'ExternalName' }))).toBe(false)
    expect(knows(service('web-1'), { ...service('web-2'), metadata: { name: 'web-2', namespace: 'other' } })).toBe(
      false,
    )
    expect(knows(service('web-1'), { ...service('web-2'), kind: 'Other' })).toBe(false)
    expect(knows(service('web-1'), service('web-2'), 'apps/deployer')).toBe(false)
  })

  it('has a plain name that is no longer: a limit of length may lie between', () => {
    expect(knows(service('web-10'), service('web-1'))).toBe(true)
    expect(knows(service('web-1'), service('web-10'))).toBe(false)
    expect(knows(service('web.1'), service('web.2'))).toBe(false)
    expect(knows(service('1web'), service('2web'))).toBe(false)
    expect(knows(service('Web'), service('web'))).toBe(false)
  })

  it('is in the same place even where the place is called as it is', () => {
    const alone = (name: string) => ({ ...service(name), metadata: { name, namespace: name } })
    expect(knows(alone('team-b'), alone('team-a'))).toBe(false)
    const custom = (name: string) => ({ ...service(name), apiVersion: `${name}.example.com/v1` })
    expect(knows(custom('team-b'), custom('team-a'))).toBe(false)
  })

  it('claims nothing of which there is only one', () => {
    const claims = { ports: [{ port: 80, nodePort: 30_080 }] }
    expect(knows(service('web-1', claims), service('web-2', claims))).toBe(false)
    expect(knows(service('web-1', { clusterIP: '10.0.0.9' }), service('web-2', { clusterIP: '10.0.0.9' }))).toBe(false)
  })

  it('is not known any more after a while, nor after one was refused', () => {
    const shapes = new AcceptedShapes(clock)
    const shape = shapes.shapeOf(service('web-1'), '')!
    shapes.add(shape)
    expect(shapes.has(shape)).toBe(true)
    now += 61_000
    expect(shapes.has(shape)).toBe(false)
    shapes.add(shape)
    shapes.revoke(shape)
    expect(shapes.has(shape)).toBe(false)
  })
})

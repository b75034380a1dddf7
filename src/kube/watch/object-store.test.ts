import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareVersions, ObjectStore } from './object-store.ts'

const object = (name: string, resourceVersion: string, uid = `uid-${name}`) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'd', uid, resourceVersion },
})
const types = (events: { type: string }[]) => events.map(event => event.type)

describe('ObjectStore', () => {
  it('reports additions, changes and deletions', () => {
    const store = new ObjectStore()
    expect(store.put(object('a', '1'))).toEqual([{ type: 'added', object: object('a', '1') }])
    expect(store.put(object('a', '2'))).toEqual([
      { type: 'modified', object: object('a', '2'), previous: object('a', '1') },
    ])
    expect(store.remove(object('a', '3'))).toEqual([{ type: 'deleted', object: object('a', '3') }])
    expect([store.size, store.list()]).toEqual([0, []])
  })

  it('does not report duplicates, older versions and deletions of something that is gone', () => {
    const store = new ObjectStore()
    store.put(object('a', '9'))
    expect(store.put(object('a', '9'))).toEqual([])
    expect(store.put(object('a', '8'))).toEqual([])
    expect(store.remove(object('b', '9'))).toEqual([])
    expect(store.get('d', 'a')).toEqual(object('a', '9'))
  })

  it('does not let a late deletion of the old object take out its successor', () => {
    const store = new ObjectStore()
    store.put(object('a', '1', 'old'))
    expect(types(store.put(object('a', '5', 'new')))).toEqual(['deleted', 'added'])
    expect(store.remove(object('a', '4', 'old'))).toEqual([])
    expect(store.size).toBe(1)
  })

  it('takes a list as the truth and reports only the difference', () => {
    const store = new ObjectStore()
    store.reset([object('a', '1'), object('b', '2'), object('c', '3', 'old')])
    const events = store.reset([object('a', '1'), object('b', '4'), object('c', '5', 'new'), object('d', '6')])
    expect(events.map(e => `${e.type} ${e.object.metadata.name}`)).toEqual([
      'modified b',
      'deleted c',
      'added c',
      'added d',
    ])
    expect(types(store.reset([]))).toEqual(['deleted', 'deleted', 'deleted', 'deleted'])
    // After a restore from a backup, versions may be lower than before.
    store.reset([object('a', '9')])
    expect(types(store.reset([object('a', '3')]))).toEqual(['modified'])
  })

  it('tells a listener that replays its events exactly what the store holds', () => {
    const name = fc.constantFrom('a', 'b', 'c')
    const version = fc.nat(20).map(String)
    const one = fc.tuple(name, version, fc.constantFrom('u1', 'u2')).map(([n, v, u]) => object(n, v, u))
    const step = fc.oneof(
      one.map(o => ['put', o] as const),
      one.map(o => ['remove', o] as const),
      fc.uniqueArray(one, { selector: o => o.metadata.name }).map(list => ['reset', list] as const),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), steps => {
        const store = new ObjectStore()
        const replay = new Map<string, unknown>()
        for (const [what, value] of steps) {
          const events =
            what === 'put' ? store.put(value) : what === 'remove' ? store.remove(value) : store.reset(value)
          for (const event of events) {
            const key = event.object.metadata.name as string
            expect(replay.has(key)).toBe(event.type !== 'added')
            if (event.type === 'deleted') replay.delete(key)
            else replay.set(key, event.object)
          }
          expect(new Set(store.list())).toEqual(new Set(replay.values()))
          expect(store.size).toBe(replay.size)
        }
      }),
    )
  })
})

describe('compareVersions', () => {
  it('compares as numbers, however long', () => {
    expect(compareVersions('9', '10')).toBeLessThan(0)
    expect(compareVersions('123456789012345678901', '123456789012345678900')).toBeGreaterThan(0)
    expect(compareVersions('07', '7')).toBe(0)
    expect(compareVersions('5', '5')).toBe(0)
    expect(compareVersions('odd', '5')).toBeGreaterThan(0)
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../../base/log.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type { ChangeEvent } from './history.ts'
import type { Journal, JournalEntry } from './journal.ts'
import { memoryJournal } from './journal.ts'
import { Store } from './store.ts'

const newStore = (journal: Journal = memoryJournal(), history = { maxEvents: 1000, maxCharacters: 1_000_000 }) =>
  new Store({ journal, logger: silentLogger, history })

const configMap = (name: string, value = '', namespace = 'default'): KubeObject => ({
  kind: 'ConfigMap',
  apiVersion: 'v1',
  metadata: { name, namespace, uid: `uid-${name}` },
  data: { value },
})

describe('the store', () => {
  it('gives every write a higher version, whatever the collection', () => {
    const store = newStore()
    const versions = ['a', 'b', 'c'].map(name => store.put(store.collection(name), configMap(name), undefined).version)
    expect(versions).toEqual([...versions].sort((a, b) => a - b))
    expect(new Set(versions).size).toBe(3)
  })

  it('tells listeners of changes only after the commit, in order', async () => {
    const committed: JournalEntry[] = []
    const store = newStore({ ...memoryJournal(), commit: batch => void committed.push(...batch) })
    const collection = store.collection('configmaps')
    const seen: ChangeEvent[] = []
    collection.listeners.add(event => {
      expect(committed.some(entry => entry.version === event.version)).toBe(true)
      seen.push(event)
    })
    const first = store.put(collection, configMap('a', '1'), undefined)
    const second = store.put(collection, configMap('a', '2'), first)
    store.remove(collection, second)
    expect(seen).toEqual([])
    expect(store.isDirty).toBe(true)
    await store.settled()
    expect(seen.map(event => event.type)).toEqual(['ADDED', 'MODIFIED', 'DELETED'])
    expect(store.isDirty).toBe(false)
  })

  it('undoes the whole batch when it cannot be committed, and goes on afterwards', async () => {
    let full = false
    const store = newStore({
      ...memoryJournal(),
      commit() {
        if (full) throw new Error('disk full')
      },
    })
    const collection = store.collection('configmaps')
    const kept = store.put(collection, configMap('a', 'old'), undefined)
    await store.settled()
    full = true
    store.put(collection, configMap('a', 'new'), kept)
    store.put(collection, configMap('b'), undefined)
    await expect(store.settled()).rejects.toThrow(/disk full/)
    expect([...collection.records()]).toEqual([kept])
    full = false
    const later = store.put(collection, configMap('c'), undefined)
    await store.settled()
    expect(later.version).toBeGreaterThan(kept.version)
    expect([...collection.records()].map(record => record.name)).toEqual(['a', 'c'])
  })

  it('shows any state that is still in its history, and forgets older ones', async () => {
    const store = newStore(memoryJournal(), { maxEvents: 5, maxCharacters: 1_000_000 })
    const collection = store.collection('configmaps')
    for (let i = 0; i < 10; i++) store.put(collection, configMap('a', String(i)), collection.get('default/a'))
    await store.settled()
    expect(collection.changesAfter(collection.compacted)).toHaveLength(5)
    for (const event of collection.changesAfter(collection.compacted)) {
      expect(collection.recordsAt(event.version).map(record => record.json)).toEqual([event.record.json])
    }
  })

  it('agrees with a plain map after any writes, at any version', async () => {
    const step = fc.record({
      name: fc.constantFrom('a', 'b-1', 'b', 'c.d'),
      namespace: fc.constantFrom('n', 'n-1'),
      remove: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async steps => {
        const store = newStore()
        const collection = store.collection('configmaps')
        const model = new Map<string, string>()
        const states: { version: number; keys: string[] }[] = []
        for (const { name, namespace, remove } of steps) {
          const key = `${namespace}/${name}`
          const old = collection.get(key)
          if (remove) {
            if (old) store.remove(collection, old)
            model.delete(key)
          } else {
            store.put(collection, configMap(name, '', namespace), old)
            model.set(key, key)
          }
          states.push({ version: store.version, keys: [...model.keys()].sort() })
        }
        await store.settled()
        for (const { version, keys } of states)
          expect(collection.recordsAt(version).map(record => record.key)).toEqual(keys)
        const inN = [...model.keys()].filter(key => key.startsWith('n/')).sort()
        expect([...collection.records('n')].map(record => record.key)).toEqual(inN)
      }),
      { numRuns: 60 },
    )
  })
})

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { silentLogger } from '../../../base/log.ts'
import { sqliteJournal } from './sqlite-journal.ts'
import { Store } from './store.ts'

const folders: string[] = []
const newFolder = () => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-journal-'))
  folders.push(dir)
  return join(dir, 'data')
}
afterEach(() => {
  for (const dir of folders.splice(0)) rmSync(dir, { recursive: true, force: true })
})

const open = (dir: string) =>
  new Store({ journal: sqliteJournal({ dir, durability: 'process' }), logger: silentLogger })
const secret = (name: string, value: string) => ({
  kind: 'Secret',
  apiVersion: 'v1',
  metadata: { name, namespace: 'n', uid: name },
  data: { token: value },
})

describe('the journal in SQLite', () => {
  it('brings every object and the version back', async () => {
    const dir = newFolder()
    const first = open(dir)
    const kept = first.put(first.collection('secrets'), secret('a', 'x'), undefined)
    const gone = first.put(first.collection('secrets'), secret('b', 'y'), undefined)
    first.remove(first.collection('secrets'), gone)
    await first.settled()
    const { version } = first
    first.close()
    const second = open(dir)
    expect([...second.collection('secrets').records()].map(record => record.json)).toEqual([kept.json])
    expect(second.version).toBe(version)
    second.close()
  })

  it('keeps Secrets unreadable without the key, in files that only the owner may open', async () => {
    const dir = newFolder()
    const store = open(dir)
    store.put(store.collection('secrets'), secret('a', 'canary-4711-canary'), undefined)
    store.put(store.collection('configmaps'), { ...secret('b', 'plain-4711-plain'), kind: 'ConfigMap' }, undefined)
    await store.settled()
    const bytes = Buffer.concat(readdirSync(dir).map(name => readFileSync(join(dir, name))))
    expect(bytes.includes('plain-4711-plain')).toBe(true)
    expect(bytes.includes('canary-4711-canary')).toBe(false)
    store.close()
    for (const name of readdirSync(dir)) expect(statSync(join(dir, name)).mode & 0o077).toBe(0)
  })

  it('refuses a folder that another process uses', () => {
    const dir = newFolder()
    const store = open(dir)
    expect(() => open(dir)).toThrow(/in use/)
    store.close()
  })

  it('refuses a damaged database and one without its key', () => {
    const damaged = newFolder()
    open(damaged).close()
    writeFileSync(join(damaged, 'cluster.db'), 'not a database, but long enough to be looked at as one'.repeat(100))
    expect(() => open(damaged)).toThrow(/cannot be used/)
    const keyless = newFolder()
    open(keyless).close()
    rmSync(join(keyless, 'cluster.key'))
    expect(() => open(keyless)).toThrow(/key of the database/)
  })

  it('does not grow by changes of the same objects', async () => {
    const dir = newFolder()
    const store = open(dir)
    const size = () => readdirSync(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0)
    const collection = store.collection('configmaps')
    let record = store.put(collection, secret('a', ''), undefined)
    for (let i = 0; i < 400; i++) {
      record = store.put(collection, secret('a', String(i).padEnd(100_000, 'x')), record)
      await store.settled()
    }
    // 40 MB were written; what is kept is one object and a short log.
    expect(size()).toBeLessThan(6_000_000)
    store.close()
    expect(size()).toBeLessThan(1_000_000)
  })

  it('gives the space of deleted objects back when it opens', async () => {
    const dir = newFolder()
    const first = open(dir)
    const collection = first.collection('configmaps')
    const records = Array.from({ length: 100 }, (_, i) =>
      first.put(collection, secret(`s-${i}`, 'x'.repeat(100_000)), undefined),
    )
    for (const record of records.slice(1)) first.remove(collection, record)
    await first.settled()
    first.close()
    open(dir).close()
    expect(statSync(join(dir, 'cluster.db')).size).toBeLessThan(1_000_000)
    const again = open(dir)
    expect([...again.collection('configmaps').records()].map(record => record.name)).toEqual(['s-0'])
    again.close()
  })
})

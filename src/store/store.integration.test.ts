import { readFileSync, statSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { systemClock } from '../base/clock.ts'
import { Secret } from '../secrets/secret.ts'
import { exchangeKey, fileKeyring, openStore, resealAll, sealedValues } from './index.ts'
import { migrate } from './migrate.ts'
import { migrations } from './migrations/index.ts'
import { insertAudit, listAudit } from './tables/audit.ts'
import { claimPeriodic, releasePeriodic } from './tables/periodic.ts'
import { findUserByName, insertUser, type UsersTable } from './tables/users.ts'
import { onBothStores } from './testing/stores.ts'

const user = (id: string, name: string): UsersTable => ({
  id,
  name,
  name_key: name.toLowerCase(),
  display_name: name,
  password_hash: null,
  oidc_issuer: null,
  oidc_subject: null,
  disabled: 0,
  created_at: '2026-01-01T00:00:00.000Z',
  signed_in_at: null,
})

onBothStores('a store', stores => {
  it('keeps what was written, and has nothing more to migrate when it is opened again', async () => {
    const place = await stores.place()
    const first = await stores.open(place)
    await insertUser(first.db, user('u1', 'Ada'))
    await first.close()
    const second = await stores.open(place)
    expect(await findUserByName(second.db, 'ADA')).toMatchObject({ id: 'u1', disabled: 0 })
    expect(await migrate(second.db, second.kind, new Date())).toEqual([])
  })

  it('is migrated once when two servers open it at the same time', async () => {
    const place = await stores.place()
    const [one, two] = await Promise.all([stores.open(place), stores.open(place)])
    await insertUser(one.db, user('u1', 'Ada'))
    expect(await findUserByName(two.db, 'ada')).toMatchObject({ id: 'u1' })
  })

  it('refuses the schema of a newer version by the name of its step', async () => {
    const store = await stores.open()
    const newer = [...migrations, { name: '9999-later', up: async () => {} }]
    expect(await migrate(store.db, store.kind, new Date(), newer)).toEqual(['9999-later'])
    await expect(migrate(store.db, store.kind, new Date())).rejects.toMatchObject({
      code: 'E_STORE_NEWER',
      facts: { seen: '9999-later' },
    })
  })

  it('undoes a migration that fails as a whole', async () => {
    const store = await stores.open()
    const broken = {
      name: '9998-broken',
      up: async ({ db }: Parameters<(typeof migrations)[number]['up']>[0]) => {
        await db.schema.createTable('half').addColumn('id', 'text').execute()
        throw new Error('no further')
      },
    }
    await expect(migrate(store.db, store.kind, new Date(), [...migrations, broken])).rejects.toMatchObject({
      code: 'E_STORE_MIGRATION',
    })
    const tables = await store.db.introspection.getTables()
    expect(tables.map(table => table.name)).not.toContain('half')
  })

  it('does all of a transaction or nothing', async () => {
    const store = await stores.open()
    const work = store.transaction(async db => {
      await insertUser(db, user('u1', 'Ada'))
      throw new Error('stop')
    })
    await expect(work).rejects.toThrow('stop')
    expect(await findUserByName(store.db, 'ada')).toBeUndefined()
  })

  it('numbers audit entries upwards and pages through them', async () => {
    const store = await stores.open()
    const entry = {
      at: 'x',
      who_id: '',
      who: 'server',
      via: '',
      address: '',
      object: 'o',
      project: null,
      environment: null,
      outcome: 'done',
      commit_id: null,
      detail: '{}',
      request_id: '',
    } as const
    const ids: number[] = []
    for (const action of ['a', 'b', 'c']) ids.push(await insertAudit(store.db, { ...entry, action }))
    const newest = await listAudit(store.db, { limit: 2 })
    expect(newest.map(row => row.action)).toEqual(['c', 'b'])
    expect((await listAudit(store.db, { limit: 2, before: newest[1]!.id })).map(row => row.id)).toEqual([ids[0]])
  })

  it('gives a turn of periodic work to one server', async () => {
    const store = await stores.open()
    const turn = (server: string, now: string, dueBefore: string) =>
      claimPeriodic(store.db, { name: 'sweep', server, now, dueBefore, busyUntil: '2026-01-01T01:00' })
    const both = await Promise.all([turn('a', '2026-01-01T00:00', ''), turn('b', '2026-01-01T00:00', '')])
    expect(both.filter(Boolean)).toHaveLength(1)
    const holder = both[0] ? 'a' : 'b'
    expect(await turn('c', '2026-01-01T00:10', '2026-01-01T00:05')).toBe(false)
    await releasePeriodic(store.db, 'sweep', holder)
    expect(await turn('c', '2026-01-01T00:10', '2026-01-01T00:05')).toBe(true)
  })

  it('brings a message to every server of the store', async () => {
    const place = await stores.place()
    const one = await stores.open(place)
    const other = stores.kind === 'postgresql' ? await stores.open(place) : one
    const got = new Promise<string>(resolve => other.messages.subscribe(resolve, () => {}))
    await one.messages.send('hello')
    expect(await got).toBe('hello')
  })

  it('seals secrets so that neither the database nor another place gives them', async () => {
    const place = await stores.place()
    const store = await stores.open(place)
    const folder = await mkdtemp(join(tmpdir(), 'sluice-keys-'))
    const secrets = sealedValues(await fileKeyring(join(folder, 'key')), systemClock)
    await secrets.put(store.db, 'connection/1/token', Secret.of('canary-in-the-store'))
    await secrets.put(store.db, 'connection/2/token', Secret.of('another-one'))
    expect((await secrets.open(store.db, 'connection/1/token')).reveal()).toBe('canary-in-the-store')
    const rows = await store.db.selectFrom('sealed_values').selectAll().execute()
    expect(JSON.stringify(rows)).not.toContain('canary')
    if ('file' in place) {
      for (const suffix of ['', '-wal'])
        expect(readFileSync(`${place.file}${suffix}`).includes('canary-in-the-store')).toBe(false)
      expect(statSync(place.file).mode & 0o777).toBe(0o600)
      expect(statSync(`${place.file}-wal`).mode & 0o777).toBe(0o600)
    }
    await store.db
      .updateTable('sealed_values')
      .set({ sealed: rows[1]!.sealed })
      .where('place', '=', 'connection/1/token')
      .execute()
    await expect(secrets.open(store.db, 'connection/1/token')).rejects.toMatchObject({ code: 'E_STORE_DAMAGED' })
    await expect(secrets.open(store.db, 'connection/3/token')).rejects.toMatchObject({ code: 'E_SEALED_UNKNOWN' })
  })

  it('exchanges the key, also when the exchange was ended in the middle', async () => {
    const store = await stores.open()
    const path = join(await mkdtemp(join(tmpdir(), 'sluice-keys-')), 'key')
    const running = sealedValues(await fileKeyring(path), systemClock)
    for (const name of ['a', 'b']) await running.put(store.db, name, Secret.of(`value of ${name}`))
    const ring = await fileKeyring(path)
    const old = await ring.current()
    const stopped = exchangeKey(path, async next => {
      await resealAll(store.db, ring, next)
      throw new Error('power cut')
    })
    await expect(stopped).rejects.toThrow('power cut')
    expect((await running.open(store.db, 'a')).reveal()).toBe('value of a')
    expect(await exchangeKey(path, async next => resealAll(store.db, await fileKeyring(path), next))).toBe(0)
    const after = await fileKeyring(path)
    expect((await after.current()).id).not.toBe(old.id)
    expect((await sealedValues(after, systemClock).open(store.db, 'b')).reveal()).toBe('value of b')
    expect((await running.open(store.db, 'b')).reveal()).toBe('value of b')
    await running.put(store.db, 'c', Secret.of('value of c'))
    expect((await sealedValues(await fileKeyring(path), systemClock).open(store.db, 'c')).reveal()).toBe('value of c')
  })
})

it('says that a database does not answer, without its password', async () => {
  const url = Secret.of('postgres://sluice:hunter2hunter2@127.0.0.1:1/none')
  const error = await openStore({ place: { url }, clock: systemClock }).catch(e => e)
  expect(error).toMatchObject({ code: 'E_STORE_UNREACHABLE' })
  expect(JSON.stringify(error)).not.toContain('hunter2')
})

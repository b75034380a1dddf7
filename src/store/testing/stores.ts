import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe } from 'vitest'
import { systemClock } from '../../base/clock.ts'
import { openStore, type Store, type StoreOptions } from '../open.ts'
import { postgresPrograms, startTestPostgres, type TestPostgres } from './postgres.ts'

/** Makes places of stores for the tests of one database. */
export interface TestStores {
  readonly kind: Store['kind']
  /** A new, empty place. */
  place(): Promise<StoreOptions['place']>
  /** An open store on a new place, or on one that is given; closed when the tests end. */
  open(place?: StoreOptions['place']): Promise<Store>
}

/** Runs the same tests on SQLite, and on PostgreSQL where it is installed. */
export function onBothStores(title: string, tests: (stores: TestStores) => void): void {
  describe(`${title}, on SQLite`, () => {
    const folders: string[] = []
    const stores = kept('sqlite', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'sluice-store-'))
      folders.push(folder)
      return { file: join(folder, 'sluice.db') }
    })
    afterAll(async () => {
      await stores.close()
      for (const folder of folders) await rm(folder, { recursive: true, force: true })
    })
    tests(stores)
  })
  describe.skipIf(postgresPrograms() === undefined)(`${title}, on PostgreSQL`, () => {
    let server: TestPostgres | undefined
    const stores = kept('postgresql', async () => ({ url: await server!.database() }))
    beforeAll(async () => {
      server = await startTestPostgres()
    })
    afterAll(async () => {
      await stores.close()
      await server?.close()
    })
    tests(stores)
  })
}

function kept(kind: Store['kind'], place: TestStores['place']): TestStores & { close(): Promise<void> } {
  const open: Store[] = []
  return {
    kind,
    place,
    async open(at) {
      const store = await openStore({ place: at ?? (await place()), clock: systemClock })
      open.push(store)
      return store
    },
    async close() {
      for (const store of open) await store.close().catch(() => {})
    },
  }
}

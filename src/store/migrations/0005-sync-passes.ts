import type { Migration } from './migration.ts'

/** How long revisions took from being fetched to being live. */
export const syncPasses: Migration = {
  name: '0005-sync-passes',
  async up({ db }) {
    await db.schema
      .createTable('sync_passes')
      .addColumn('applier', 'text', column => column.notNull())
      .addColumn('revision', 'text', column => column.notNull())
      .addColumn('fetched_at', 'text', column => column.notNull())
      .addColumn('applied_at', 'text')
      .addColumn('ready_at', 'text')
      .addPrimaryKeyConstraint('sync_passes_key', ['applier', 'revision'])
      .execute()
    await db.schema.createIndex('sync_passes_at').on('sync_passes').column('fetched_at').execute()
  },
}

import type { Migration } from './migration.ts'

/** When each commit came to each stage of its way into an environment. */
export const releaseStages: Migration = {
  name: '0004-release-stages',
  async up({ db }) {
    await db.schema
      .createTable('release_stages')
      .addColumn('project', 'text', column => column.notNull())
      .addColumn('application', 'text', column => column.notNull())
      .addColumn('environment', 'text', column => column.notNull())
      .addColumn('commit_sha', 'text', column => column.notNull())
      .addColumn('stage', 'text', column => column.notNull())
      .addColumn('at', 'text', column => column.notNull())
      .addPrimaryKeyConstraint('release_stages_key', ['application', 'environment', 'commit_sha', 'stage'])
      .execute()
    await db.schema.createIndex('release_stages_at').on('release_stages').column('at').execute()
  },
}

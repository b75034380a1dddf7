import type { Migration } from './migration.ts'

/** What was done, what is being done, and by which server. */
export const work: Migration = {
  name: '0002-work',
  async up({ db, numberedId }) {
    await db.schema
      .createTable('audit')
      .addColumn('id', numberedId.type, numberedId.with)
      .addColumn('at', 'text', column => column.notNull())
      .addColumn('who_id', 'text', column => column.notNull())
      .addColumn('who', 'text', column => column.notNull())
      .addColumn('via', 'text', column => column.notNull())
      .addColumn('address', 'text', column => column.notNull())
      .addColumn('action', 'text', column => column.notNull())
      .addColumn('object', 'text', column => column.notNull())
      .addColumn('project', 'text')
      .addColumn('environment', 'text')
      .addColumn('outcome', 'text', column => column.notNull())
      .addColumn('commit_id', 'text')
      .addColumn('detail', 'text', column => column.notNull())
      .addColumn('request_id', 'text', column => column.notNull())
      .execute()
    await db.schema.createIndex('audit_object').on('audit').columns(['object', 'id']).execute()
    await db.schema.createIndex('audit_who').on('audit').columns(['who_id', 'id']).execute()
    await db.schema
      .createTable('servers')
      .addColumn('id', 'text', column => column.primaryKey())
      .addColumn('started_at', 'text', column => column.notNull())
      .addColumn('beat', 'integer', column => column.notNull())
      .execute()
    await db.schema
      .createTable('jobs')
      .addColumn('id', 'text', column => column.primaryKey())
      .addColumn('kind', 'text', column => column.notNull())
      .addColumn('state', 'text', column => column.notNull())
      .addColumn('server_id', 'text', column => column.notNull())
      .addColumn('who_id', 'text', column => column.notNull())
      .addColumn('who', 'text', column => column.notNull())
      .addColumn('object', 'text', column => column.notNull())
      .addColumn('project', 'text')
      .addColumn('environment', 'text')
      .addColumn('started_at', 'text', column => column.notNull())
      .addColumn('ended_at', 'text')
      .addColumn('steps', 'text', column => column.notNull())
      .addColumn('result', 'text')
      .addColumn('error', 'text')
      .execute()
    await db.schema.createIndex('jobs_state').on('jobs').columns(['state', 'server_id']).execute()
    await db.schema.createIndex('jobs_started').on('jobs').columns(['started_at', 'id']).execute()
    await db.schema
      .createTable('periodic')
      .addColumn('name', 'text', column => column.primaryKey())
      .addColumn('server_id', 'text', column => column.notNull())
      .addColumn('started_at', 'text', column => column.notNull())
      .addColumn('busy_until', 'text', column => column.notNull())
      .execute()
  },
}

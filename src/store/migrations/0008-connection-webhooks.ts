import type { Migration } from './migration.ts'

/** Push webhooks of connections: who made the secret, where it was registered, and what came last. */
export const connectionWebhooks: Migration = {
  name: '0008-connection-webhooks',
  async up({ db }) {
    await db.schema
      .createTable('connection_webhooks')
      .addColumn('connection_id', 'text', column =>
        column.primaryKey().references('connections.id').onDelete('cascade'),
      )
      .addColumn('made_at', 'text')
      .addColumn('made_by', 'text')
      .addColumn('registered_at', 'text')
      .addColumn('registered_by', 'text')
      .addColumn('registered_in', 'text')
      .addColumn('verified_at', 'text')
      .addColumn('verified_event', 'text')
      .addColumn('refused_at', 'text')
      .addColumn('refused_event', 'text')
      .addColumn('refused_why', 'text')
      .execute()
  },
}

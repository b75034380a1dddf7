import type { Migration } from './migration.ts'

/** Git hosts that the server may use, what was proven of them, and what they are for. */
export const connections: Migration = {
  name: '0003-connections',
  async up({ db, numberedId }) {
    await db.schema
      .createTable('connections')
      .addColumn('id', 'text', column => column.primaryKey())
      .addColumn('name', 'text', column => column.notNull())
      .addColumn('name_key', 'text', column => column.notNull().unique())
      .addColumn('kind', 'text', column => column.notNull())
      .addColumn('host', 'text', column => column.notNull())
      .addColumn('settings', 'text', column => column.notNull())
      .addColumn('is_default', 'integer', column => column.notNull())
      .addColumn('version', 'integer', column => column.notNull())
      .addColumn('created_at', 'text', column => column.notNull())
      .addColumn('changed_at', 'text', column => column.notNull())
      .addColumn('changed_by', 'text', column => column.notNull())
      .addColumn('proof', 'text')
      .addColumn('proven_at', 'text')
      .addColumn('next_proof_at', 'text')
      .execute()
    await db.schema
      .createTable('connection_bindings')
      .addColumn('connection_id', 'text', column => column.notNull().references('connections.id').onDelete('cascade'))
      .addColumn('project', 'text', column => column.notNull())
      .addColumn('environment', 'text', column => column.notNull())
      .addPrimaryKeyConstraint('connection_bindings_key', ['project', 'environment'])
      .execute()
    await db.schema
      .createTable('connection_proofs')
      .addColumn('id', numberedId.type, numberedId.with)
      .addColumn('connection_id', 'text', column => column.notNull().references('connections.id').onDelete('cascade'))
      .addColumn('at', 'text', column => column.notNull())
      .addColumn('outcome', 'text', column => column.notNull())
      .addColumn('proof', 'text', column => column.notNull())
      .execute()
    await db.schema
      .createIndex('connection_proofs_of')
      .on('connection_proofs')
      .columns(['connection_id', 'id'])
      .execute()
  },
}

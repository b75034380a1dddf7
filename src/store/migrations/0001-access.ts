import type { Migration } from './migration.ts'

/** Who may come in and what they may do. */
export const access: Migration = {
  name: '0001-access',
  async up({ db }) {
    await db.schema
      .createTable('users')
      .addColumn('id', 'text', column => column.primaryKey())
      .addColumn('name', 'text', column => column.notNull())
      .addColumn('name_key', 'text', column => column.notNull().unique())
      .addColumn('display_name', 'text', column => column.notNull())
      .addColumn('password_hash', 'text')
      .addColumn('oidc_issuer', 'text')
      .addColumn('oidc_subject', 'text')
      .addColumn('disabled', 'integer', column => column.notNull())
      .addColumn('created_at', 'text', column => column.notNull())
      .addColumn('signed_in_at', 'text')
      .addUniqueConstraint('users_oidc', ['oidc_issuer', 'oidc_subject'])
      .execute()
    await db.schema
      .createTable('grants')
      .addColumn('user_id', 'text', column => column.notNull().references('users.id').onDelete('cascade'))
      .addColumn('role', 'text', column => column.notNull())
      .addColumn('project', 'text', column => column.notNull())
      .addColumn('environment', 'text', column => column.notNull())
      .addColumn('source', 'text', column => column.notNull())
      .addPrimaryKeyConstraint('grants_key', ['user_id', 'project', 'environment', 'source'])
      .execute()
    await db.schema
      .createTable('sessions')
      .addColumn('hash', 'text', column => column.primaryKey())
      .addColumn('user_id', 'text', column => column.notNull().references('users.id').onDelete('cascade'))
      .addColumn('via', 'text', column => column.notNull())
      .addColumn('created_at', 'text', column => column.notNull())
      .addColumn('used_at', 'text', column => column.notNull())
      .addColumn('ends_at', 'text', column => column.notNull())
      .addColumn('address', 'text', column => column.notNull())
      .execute()
    await db.schema.createIndex('sessions_user').on('sessions').column('user_id').execute()
    await db.schema
      .createTable('api_tokens')
      .addColumn('id', 'text', column => column.primaryKey())
      .addColumn('hash', 'text', column => column.notNull().unique())
      .addColumn('user_id', 'text', column => column.notNull().references('users.id').onDelete('cascade'))
      .addColumn('name', 'text', column => column.notNull())
      .addColumn('grants', 'text', column => column.notNull())
      .addColumn('created_at', 'text', column => column.notNull())
      .addColumn('ends_at', 'text', column => column.notNull())
      .addColumn('used_at', 'text')
      .execute()
    await db.schema.createIndex('api_tokens_user').on('api_tokens').column('user_id').execute()
    await db.schema
      .createTable('setup_links')
      .addColumn('hash', 'text', column => column.primaryKey())
      .addColumn('ends_at', 'text', column => column.notNull())
      .execute()
    await db.schema
      .createTable('sealed_values')
      .addColumn('place', 'text', column => column.primaryKey())
      .addColumn('sealed', 'text', column => column.notNull())
      .addColumn('key_id', 'text', column => column.notNull())
      .addColumn('changed_at', 'text', column => column.notNull())
      .execute()
  },
}

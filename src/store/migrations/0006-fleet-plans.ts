import type { Migration } from './migration.ts'

/** Plans to bring a cluster into the fleet, until they are carried out. */
export const fleetPlans: Migration = {
  name: '0006-fleet-plans',
  async up({ db }) {
    await db.schema
      .createTable('fleet_plans')
      .addColumn('id', 'text', column => column.primaryKey())
      .addColumn('wish', 'text', column => column.notNull())
      .addColumn('agreed', 'text')
      .addColumn('made_by', 'text', column => column.notNull())
      .addColumn('made_at', 'text', column => column.notNull())
      .addColumn('plan_job', 'text', column => column.notNull())
      .addColumn('job', 'text')
      .execute()
    await db.schema.createIndex('fleet_plans_at').on('fleet_plans').column('made_at').execute()
  },
}

import type { Migration } from './migration.ts'

/** What another server needs to go on with a job whose server is gone. */
export const jobResume: Migration = {
  name: '0007-job-resume',
  async up({ db }) {
    await db.schema.alterTable('jobs').addColumn('resume', 'text').execute()
  },
}

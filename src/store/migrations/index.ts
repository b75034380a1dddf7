import { access } from './0001-access.ts'
import { work } from './0002-work.ts'
import { connections } from './0003-connections.ts'
import { releaseStages } from './0004-release-stages.ts'
import { syncPasses } from './0005-sync-passes.ts'
import { fleetPlans } from './0006-fleet-plans.ts'
import { jobResume } from './0007-job-resume.ts'
import { connectionWebhooks } from './0008-connection-webhooks.ts'
import type { Migration } from './migration.ts'

export type { Migration, MigrationTools } from './migration.ts'

/** Every migration in its order. Add yours at the end, with the next number. */
export const migrations: readonly Migration[] = [
  access,
  work,
  connections,
  releaseStages,
  syncPasses,
  fleetPlans,
  jobResume,
  connectionWebhooks,
]

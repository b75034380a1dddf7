import type { Kysely } from 'kysely'
import type { ApiTokensTable } from './tables/api-tokens.ts'
import type { AuditTable } from './tables/audit.ts'
import type { ConnectionProofsTable } from './tables/connection-proofs.ts'
import type { ConnectionWebhooksTable } from './tables/connection-webhooks.ts'
import type { ConnectionBindingsTable, ConnectionsTable } from './tables/connections.ts'
import type { FleetPlansTable } from './tables/fleet-plans.ts'
import type { GrantsTable } from './tables/grants.ts'
import type { JobsTable } from './tables/jobs.ts'
import type { PeriodicTable } from './tables/periodic.ts'
import type { ReleaseStagesTable } from './tables/release-stages.ts'
import type { SealedValuesTable } from './tables/sealed-values.ts'
import type { ServersTable } from './tables/servers.ts'
import type { SessionsTable } from './tables/sessions.ts'
import type { SetupLinksTable } from './tables/setup-links.ts'
import type { SyncPassesTable } from './tables/sync-passes.ts'
import type { UsersTable } from './tables/users.ts'

/** Every table, one line each; its columns and verbs are in the file of the table. */
export interface Schema {
  users: UsersTable
  grants: GrantsTable
  sessions: SessionsTable
  api_tokens: ApiTokensTable
  setup_links: SetupLinksTable
  sealed_values: SealedValuesTable
  audit: AuditTable
  jobs: JobsTable
  servers: ServersTable
  periodic: PeriodicTable
  connections: ConnectionsTable
  connection_bindings: ConnectionBindingsTable
  connection_proofs: ConnectionProofsTable
  connection_webhooks: ConnectionWebhooksTable
  release_stages: ReleaseStagesTable
  sync_passes: SyncPassesTable
  fleet_plans: FleetPlansTable
}

/** The tables, or a transaction over them: what every verb takes first. */
export type Db = Kysely<Schema>

import type { Generated } from 'kysely'
import type { Db } from '../schema.ts'

/** Who did what, when, and what came of it. Only ever added to. */
export interface AuditTable {
  id: Generated<number>
  at: string
  /** Id of the user; empty for the server itself. */
  who_id: string
  who: string
  via: string
  address: string
  /** `user.create`, `connection.save`, `application.deploy`, … */
  action: string
  object: string
  project: string | null
  environment: string | null
  outcome: 'started' | 'done' | 'refused' | 'failed'
  commit_id: string | null
  /** JSON; never a secret. */
  detail: string
  request_id: string
}

export type AuditRow = Omit<AuditTable, 'id'> & { readonly id: number }

export async function insertAudit(db: Db, entry: Omit<AuditTable, 'id'>): Promise<number> {
  const { id } = await db.insertInto('audit').values(entry).returning('id').executeTakeFirstOrThrow()
  return Number(id)
}

export interface AuditQuery {
  /** Entries before this one. */
  readonly before?: number
  readonly limit: number
  readonly who?: string
  readonly action?: string
  readonly object?: string
  readonly project?: string
}

/** Newest first. */
export async function listAudit(
  db: Db,
  { before, limit, who, action, object, project }: AuditQuery,
): Promise<AuditRow[]> {
  let query = db.selectFrom('audit').selectAll().orderBy('id', 'desc').limit(limit)
  if (before !== undefined) query = query.where('id', '<', before)
  if (who !== undefined) query = query.where('who_id', '=', who)
  if (action !== undefined) query = query.where('action', '=', action)
  if (object !== undefined) query = query.where('object', '=', object)
  if (project !== undefined) query = query.where('project', '=', project)
  return query.execute()
}

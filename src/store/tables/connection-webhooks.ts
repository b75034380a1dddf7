import type { Db } from '../schema.ts'

/** The push webhook of a connection; its secret is a sealed value. Times are ISO 8601. */
export interface ConnectionWebhooksTable {
  connection_id: string
  /** When and by whom the secret was made. */
  made_at: string | null
  made_by: string | null
  /** When, by whom and in which repository it was added at the host. */
  registered_at: string | null
  registered_by: string | null
  registered_in: string | null
  /** The last delivery that proved itself. */
  verified_at: string | null
  verified_event: string | null
  /** The last one that did not, and why. */
  refused_at: string | null
  refused_event: string | null
  refused_why: string | null
}

export async function findWebhook(db: Db, connectionId: string): Promise<ConnectionWebhooksTable | undefined> {
  return db.selectFrom('connection_webhooks').selectAll().where('connection_id', '=', connectionId).executeTakeFirst()
}

/** Sets some columns; the others stay as they are. */
export async function putWebhook(
  db: Db,
  connectionId: string,
  columns: Partial<Omit<ConnectionWebhooksTable, 'connection_id'>>,
): Promise<void> {
  const none = {
    made_at: null,
    made_by: null,
    registered_at: null,
    registered_by: null,
    registered_in: null,
    verified_at: null,
    verified_event: null,
    refused_at: null,
    refused_event: null,
    refused_why: null,
  }
  await db
    .insertInto('connection_webhooks')
    .values({ ...none, ...columns, connection_id: connectionId })
    .onConflict(conflict => conflict.column('connection_id').doUpdateSet(columns))
    .execute()
}

import type { Db } from '../schema.ts'

/** A browser that is signed in. The id itself is only in the cookie; here is its SHA-256. */
export interface SessionsTable {
  hash: string
  user_id: string
  via: 'password' | 'oidc'
  created_at: string
  used_at: string
  /** The end that use does not move. */
  ends_at: string
  address: string
}

export async function insertSession(db: Db, session: SessionsTable): Promise<void> {
  await db.insertInto('sessions').values(session).execute()
}

export async function findSession(db: Db, hash: string): Promise<SessionsTable | undefined> {
  return db.selectFrom('sessions').selectAll().where('hash', '=', hash).executeTakeFirst()
}

export async function touchSession(db: Db, hash: string, usedAt: string): Promise<void> {
  await db.updateTable('sessions').set({ used_at: usedAt }).where('hash', '=', hash).execute()
}

/** Brings sessions that were begun or used later than now back to it: the clock was wrong then. */
export async function bringSessionsBack(
  db: Db,
  { now, latest, longestEnd }: { readonly now: string; readonly latest: string; readonly longestEnd: string },
): Promise<void> {
  await db.updateTable('sessions').set({ used_at: now }).where('used_at', '>', latest).execute()
  await db
    .updateTable('sessions')
    .set({ ends_at: longestEnd })
    .where('created_at', '>', latest)
    .where('ends_at', '>', longestEnd)
    .execute()
}

export async function deleteSession(db: Db, hash: string): Promise<void> {
  await db.deleteFrom('sessions').where('hash', '=', hash).execute()
}

/** Ends all sessions of a user; `but` stays. Gives their number. */
export async function deleteSessionsOf(db: Db, userId: string, but?: string): Promise<number> {
  let query = db.deleteFrom('sessions').where('user_id', '=', userId)
  if (but !== undefined) query = query.where('hash', '!=', but)
  return Number((await query.executeTakeFirst()).numDeletedRows)
}

export async function deleteEndedSessions(db: Db, now: string, unusedSince: string): Promise<void> {
  await db
    .deleteFrom('sessions')
    .where(where => where.or([where('ends_at', '<=', now), where('used_at', '<=', unusedSince)]))
    .execute()
}

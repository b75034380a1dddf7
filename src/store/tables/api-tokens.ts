import type { Db } from '../schema.ts'

/** A token for programs. Its text is shown once; here is its SHA-256. */
export interface ApiTokensTable {
  id: string
  hash: string
  user_id: string
  name: string
  /** JSON: what it may do at most. What its owner may not do, it may not either. */
  grants: string
  created_at: string
  ends_at: string
  used_at: string | null
}

export async function insertApiToken(db: Db, token: ApiTokensTable): Promise<void> {
  await db.insertInto('api_tokens').values(token).execute()
}

export async function findApiToken(db: Db, hash: string): Promise<ApiTokensTable | undefined> {
  return db.selectFrom('api_tokens').selectAll().where('hash', '=', hash).executeTakeFirst()
}

export async function listApiTokens(db: Db, userId?: string): Promise<ApiTokensTable[]> {
  let query = db.selectFrom('api_tokens').selectAll().orderBy('created_at', 'desc').orderBy('id')
  if (userId !== undefined) query = query.where('user_id', '=', userId)
  return query.execute()
}

export async function touchApiToken(db: Db, id: string, usedAt: string): Promise<void> {
  await db.updateTable('api_tokens').set({ used_at: usedAt }).where('id', '=', id).execute()
}

export async function findApiTokenById(db: Db, id: string): Promise<ApiTokensTable | undefined> {
  return db.selectFrom('api_tokens').selectAll().where('id', '=', id).executeTakeFirst()
}

export async function deleteApiToken(db: Db, id: string): Promise<boolean> {
  return (await db.deleteFrom('api_tokens').where('id', '=', id).executeTakeFirst()).numDeletedRows > 0n
}

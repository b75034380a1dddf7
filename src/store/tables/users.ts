import type { Db } from '../schema.ts'

/** A person who can come in: with a password, by an issuer, or both. */
export interface UsersTable {
  id: string
  name: string
  /** The name in one case and form: two that look alike are one. */
  name_key: string
  display_name: string
  password_hash: string | null
  oidc_issuer: string | null
  oidc_subject: string | null
  /** 0 or 1. */
  disabled: number
  created_at: string
  signed_in_at: string | null
}

export function nameKey(name: string): string {
  return name.normalize('NFKC').toLowerCase()
}

export async function insertUser(db: Db, user: UsersTable): Promise<void> {
  await db.insertInto('users').values(user).execute()
}

export async function findUser(db: Db, id: string): Promise<UsersTable | undefined> {
  return db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst()
}

export async function findUserByName(db: Db, name: string): Promise<UsersTable | undefined> {
  return db.selectFrom('users').selectAll().where('name_key', '=', nameKey(name)).executeTakeFirst()
}

export async function findUserBySubject(db: Db, issuer: string, subject: string): Promise<UsersTable | undefined> {
  return db
    .selectFrom('users')
    .selectAll()
    .where('oidc_issuer', '=', issuer)
    .where('oidc_subject', '=', subject)
    .executeTakeFirst()
}

export async function listUsers(db: Db): Promise<UsersTable[]> {
  return db.selectFrom('users').selectAll().orderBy('name_key').execute()
}

export async function updateUser(
  db: Db,
  id: string,
  change: Partial<Pick<UsersTable, 'display_name' | 'password_hash' | 'disabled' | 'signed_in_at'>>,
): Promise<boolean> {
  const done = await db.updateTable('users').set(change).where('id', '=', id).executeTakeFirst()
  return done.numUpdatedRows > 0n
}

import type { Db } from '../schema.ts'

/** A role of a user in a scope; `*` stands for every project or environment. */
export interface GrantsTable {
  user_id: string
  role: string
  project: string
  environment: string
  /** `local`: set by an administrator; `oidc`: from the groups of the last sign-in. */
  source: 'local' | 'oidc'
}

export async function grantsOf(db: Db, userId: string): Promise<GrantsTable[]> {
  return db
    .selectFrom('grants')
    .selectAll()
    .where('user_id', '=', userId)
    .orderBy('project')
    .orderBy('environment')
    .orderBy('source')
    .execute()
}

export async function allGrants(db: Db): Promise<GrantsTable[]> {
  return db.selectFrom('grants').selectAll().orderBy('project').orderBy('environment').orderBy('source').execute()
}

/** Puts these in the place of all grants of one source that the user has. */
export async function replaceGrants(
  db: Db,
  userId: string,
  source: GrantsTable['source'],
  grants: readonly Pick<GrantsTable, 'role' | 'project' | 'environment'>[],
): Promise<void> {
  await db.deleteFrom('grants').where('user_id', '=', userId).where('source', '=', source).execute()
  if (grants.length === 0) return
  await db
    .insertInto('grants')
    .values(grants.map(({ role, project, environment }) => ({ user_id: userId, role, project, environment, source })))
    .execute()
}

/** Users that are not disabled and are administrators of everything. */
export async function globalAdministrators(db: Db): Promise<string[]> {
  const rows = await db
    .selectFrom('grants')
    .innerJoin('users', 'users.id', 'grants.user_id')
    .select('users.id')
    .distinct()
    .where('users.disabled', '=', 0)
    .where('grants.role', '=', 'administrator')
    .where('grants.project', '=', '*')
    .where('grants.environment', '=', '*')
    .execute()
  return rows.map(row => row.id)
}

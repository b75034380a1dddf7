import type { Db } from '../schema.ts'

/** Secrets at rest, by the place that they belong to: `connection/3f…/token`. */
export interface SealedValuesTable {
  place: string
  sealed: string
  /** Which master key opens it. */
  key_id: string
  changed_at: string
}

export async function putSealedValue(db: Db, value: SealedValuesTable): Promise<void> {
  const { place: _, ...rest } = value
  await db
    .insertInto('sealed_values')
    .values(value)
    .onConflict(conflict => conflict.column('place').doUpdateSet(rest))
    .execute()
}

export async function findSealedValue(db: Db, place: string): Promise<SealedValuesTable | undefined> {
  return db.selectFrom('sealed_values').selectAll().where('place', '=', place).executeTakeFirst()
}

export async function listSealedValues(db: Db): Promise<SealedValuesTable[]> {
  return db.selectFrom('sealed_values').selectAll().orderBy('place').execute()
}

export async function deleteSealedValue(db: Db, place: string): Promise<void> {
  await db.deleteFrom('sealed_values').where('place', '=', place).execute()
}

import type { Db } from '../schema.ts'

/** When work that one server does for all was done last. */
export interface PeriodicTable {
  name: string
  server_id: string
  started_at: string
  busy_until: string
}

/** Takes a turn: true for one server at most, when the last turn began before `dueBefore` and is over. */
export async function claimPeriodic(
  db: Db,
  turn: {
    readonly name: string
    readonly server: string
    readonly now: string
    readonly dueBefore: string
    readonly busyUntil: string
  },
): Promise<boolean> {
  const row = { server_id: turn.server, started_at: turn.now, busy_until: turn.busyUntil }
  const taken = await db
    .updateTable('periodic')
    .set(row)
    .where('name', '=', turn.name)
    .where('started_at', '<=', turn.dueBefore)
    .where('busy_until', '<=', turn.now)
    .executeTakeFirst()
  if (taken.numUpdatedRows > 0n) return true
  const made = await db
    .insertInto('periodic')
    .values({ name: turn.name, ...row })
    .onConflict(conflict => conflict.column('name').doNothing())
    .executeTakeFirst()
  return (made.numInsertedOrUpdatedRows ?? 0n) > 0n
}

export async function releasePeriodic(db: Db, name: string, server: string, now: string): Promise<void> {
  await db
    .updateTable('periodic')
    .set({ busy_until: now })
    .where('name', '=', name)
    .where('server_id', '=', server)
    .execute()
}

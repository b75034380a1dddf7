import type { Db } from '../schema.ts'

/** When work that one server does for all was done last. */
export interface PeriodicTable {
  name: string
  server_id: string
  started_at: string
  /** Empty when it is over. */
  busy_until: string
}

/** The last turn of some work; undefined when there was none. */
export async function findPeriodic(db: Db, name: string): Promise<PeriodicTable | undefined> {
  return db.selectFrom('periodic').selectAll().where('name', '=', name).executeTakeFirst()
}

/**
 * Takes a turn: true for one server at most, when the last turn began before `dueBefore` and is over. `instead`: the turn that was
 * looked at and is taken as over, whatever it says of its times.
 */
export async function claimPeriodic(
  db: Db,
  turn: {
    readonly name: string
    readonly server: string
    readonly now: string
    readonly dueBefore: string
    readonly busyUntil: string
    readonly instead?: PeriodicTable
  },
): Promise<boolean> {
  const row = { server_id: turn.server, started_at: turn.now, busy_until: turn.busyUntil }
  const update = db.updateTable('periodic').set(row).where('name', '=', turn.name)
  const { instead } = turn
  const taken = await (instead === undefined
    ? update.where('started_at', '<=', turn.dueBefore).where('busy_until', '<=', turn.now)
    : update.where('started_at', '=', instead.started_at).where('server_id', '=', instead.server_id)
  ).executeTakeFirst()
  if (taken.numUpdatedRows > 0n) return true
  const made = await db
    .insertInto('periodic')
    .values({ name: turn.name, ...row })
    .onConflict(conflict => conflict.column('name').doNothing())
    .executeTakeFirst()
  return (made.numInsertedOrUpdatedRows ?? 0n) > 0n
}

export async function releasePeriodic(db: Db, name: string, server: string): Promise<void> {
  await db
    .updateTable('periodic')
    .set({ busy_until: '' })
    .where('name', '=', name)
    .where('server_id', '=', server)
    .execute()
}

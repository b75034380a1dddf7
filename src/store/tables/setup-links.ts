import type { Db } from '../schema.ts'

/** One-time links that set the administrator: the SHA-256 of each one's secret. */
export interface SetupLinksTable {
  hash: string
  ends_at: string
}

/** Puts a link in the place of all before it. */
export async function replaceSetupLink(db: Db, link: SetupLinksTable): Promise<void> {
  await db.deleteFrom('setup_links').execute()
  await db.insertInto('setup_links').values(link).execute()
}

/** Uses a link up: true when it was there and had not ended. */
export async function useSetupLink(db: Db, hash: string, now: string): Promise<boolean> {
  const done = await db.deleteFrom('setup_links').where('hash', '=', hash).where('ends_at', '>', now).executeTakeFirst()
  return done.numDeletedRows > 0n
}

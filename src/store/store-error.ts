import { SluiceError } from '../base/errors/index.ts'
import { redact } from '../secrets/secret.ts'

/** What a database says when it is away: connection failures, shutdown, too many connections, a login that is refused. */
const away =
  /^(?:08|53|57P|28|3D)|^E(?:CONN|NOTFOUND|AI_AGAIN|TIMEDOUT|PIPE|HOSTUNREACH|NETUNREACH|ACCES)|CERT|TLS|SELF_SIGNED/

/** What PostgreSQL says when it answers and takes no writes (its appendix A): no room, a standby, a read-only database. */
const takesNoWrites: Readonly<Record<string, string>> = { '53100': 'its disk is full', '25006': 'it is read-only' }

/** What SQLite says when the place of its file does not do as it should, by its primary code (sqlite.org/rescode.html). */
const cannotKeep: Readonly<Record<number, string>> = {
  5: 'it is locked by another program',
  6: 'it is locked by another program',
  8: 'its file cannot be written',
  10: 'its disk fails',
  13: 'its disk is full',
  14: 'its file cannot be opened',
}

/** The same by SQLite's own words (sqlite3_errstr): statements that give rows fail without a number. */
const cannotKeepWords: readonly (readonly [words: string, code: number])[] = [
  ['database is locked', 5],
  ['database table is locked', 6],
  ['attempt to write a readonly database', 8],
  ['disk I/O error', 10],
  ['database or disk is full', 13],
  ['unable to open database file', 14],
]

/** Why the database could not write, in words of ours; undefined for any other failure. */
export function whyNotWritten(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const { code, errcode } = error as { readonly code?: unknown; readonly errcode?: unknown }
  if (typeof errcode === 'number') return cannotKeep[errcode & 0xff]
  if (code === 'ERR_SQLITE_ERROR') {
    const [, number = 0] = cannotKeepWords.find(([words]) => error.message.startsWith(words)) ?? []
    return cannotKeep[number]
  }
  return typeof code === 'string' && Object.hasOwn(takesNoWrites, code) ? takesNoWrites[code] : undefined
}

/** A failure of the database as the registry's error; any other as it is. */
export function asStoreError(error: unknown, object?: string): unknown {
  if (error instanceof SluiceError || !(error instanceof Error)) return error
  const kept = whyNotWritten(error)
  if (kept !== undefined) return cannotWrite(kept, object, error)
  const { code } = error as { readonly code?: unknown }
  const gone =
    (typeof code === 'string' && away.test(code)) ||
    /connection terminated|connection error and is not queryable|timeout expired/i.test(error.message)
  if (!gone) return error
  return new SluiceError('E_STORE_UNREACHABLE', {
    ...(object === undefined ? {} : { object }),
    seen: redact(error.message),
    cause: error,
  })
}

/** The error of a database that takes no writes; `why` as {@link whyNotWritten} gives it. */
export function cannotWrite(why: string, object = 'the database', cause?: unknown): SluiceError {
  return new SluiceError('E_STORE_UNREACHABLE', {
    object,
    seen: why,
    next: 'Make room on the disk of the data folder, or end what holds the file; then try again.',
    ...(cause === undefined ? {} : { cause }),
  })
}

/** Whether a row could not be written because another one has its key. */
export function isDuplicate(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown }
  return code === '23505' || (typeof message === 'string' && /UNIQUE constraint failed/.test(message))
}

import type { Principal } from '../access/index.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import { redact } from '../secrets/secret.ts'
import type { Db, Store } from '../store/index.ts'
import { type AuditTable, insertAudit } from '../store/tables/audit.ts'
import type { AuditFacts } from './http/route.ts'
import { keepTrying } from './jobs/keep-trying.ts'
import type { LiveHub } from './live/hub.ts'
import { redactedJson } from './redact-data.ts'

/** One entry of the audit log. */
export interface AuditEntry extends AuditFacts {
  /** Undefined: the server itself, or somebody who is not known (a sign-in that failed). */
  readonly who?: Principal
  /** Who it was, of what was done by somebody who is not here any more to be asked: `who` goes before. */
  readonly by?: { readonly id: string; readonly name: string }
  /** What somebody called themselves who is not known. */
  readonly claimedName?: string
  readonly action: string
  readonly object: string
  readonly outcome: AuditTable['outcome']
  readonly address?: string
  readonly requestId?: string
}

/** Details longer than this are cut: they can come from outside. */
const longestDetail = 4000

/** The log of who did what: only ever added to. */
export class Audit {
  readonly #store: Store
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #live: LiveHub

  constructor(store: Store, clock: Clock, logger: Logger, live: LiveHub) {
    this.#store = store
    this.#clock = clock
    this.#logger = logger
    this.#live = live
  }

  async write(entry: AuditEntry): Promise<void> {
    await this.insert(entry, this.#store.db)
    this.told(entry)
  }

  /** Writes an entry of what is done already as soon as the database takes it, until the signal is aborted. */
  async writeLater(entry: AuditEntry, signal: AbortSignal): Promise<void> {
    const at = this.#clock.now()
    await keepTrying({ clock: this.#clock, signal }, () => this.insert(entry, this.#store.db, at)).then(
      () => this.told(entry),
      // The log of the process is what is left.
      error =>
        this.#logger.error('an entry of the audit log is lost', { ...words(entry), error: redact(String(error)) }),
    )
  }

  /** Only writes the entry, in a transaction with what it is about: {@link told} has to follow when that is done. */
  async insert(entry: AuditEntry, db: Db, at: Date = this.#clock.now()): Promise<void> {
    const { who, by, detail = {} } = entry
    let text = redactedJson(detail)
    if (text.length > longestDetail) text = JSON.stringify({ cut: text.slice(0, longestDetail) })
    await insertAudit(db, {
      at: at.toISOString(),
      who_id: who?.person.id ?? by?.id ?? '',
      who: who?.person.name ?? by?.name ?? entry.claimedName?.slice(0, 200) ?? 'server',
      via: who?.person.via ?? '',
      address: entry.address ?? '',
      action: entry.action,
      object: redact(entry.object).slice(0, 500),
      project: entry.project ?? null,
      environment: entry.environment ?? null,
      outcome: entry.outcome,
      commit_id: entry.commit ?? null,
      detail: text,
      request_id: entry.requestId ?? '',
    })
  }

  /** Tells of an entry that is written. */
  told(entry: AuditEntry): void {
    this.#logger.info('audit', words(entry))
    this.#live.publish({ topic: 'audit' })
  }
}

function words({ who, by, action, object, outcome }: AuditEntry): Record<string, string> {
  return { who: who?.person.name ?? by?.name ?? 'server', action, object: redact(object), outcome }
}

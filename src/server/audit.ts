import type { Principal } from '../access/index.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import { redact } from '../secrets/secret.ts'
import type { Store } from '../store/index.ts'
import { type AuditTable, insertAudit } from '../store/tables/audit.ts'
import type { AuditFacts } from './http/route.ts'
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
    const { who, by, detail = {} } = entry
    let text = redactedJson(detail)
    if (text.length > longestDetail) text = JSON.stringify({ cut: text.slice(0, longestDetail) })
    await insertAudit(this.#store.db, {
      at: this.#clock.now().toISOString(),
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
    this.#logger.info('audit', {
      who: who?.person.name ?? by?.name ?? 'server',
      action: entry.action,
      object: redact(entry.object),
      outcome: entry.outcome,
    })
    this.#live.publish({ topic: 'audit' })
  }
}

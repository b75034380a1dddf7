import type { Store } from './store.ts'

/** A webhook of a repository. */
export interface Hook {
  readonly id: number
  readonly repository: number
  readonly url: string
  readonly contentType: 'json' | 'form'
  /** Signs deliveries; the API never shows it. */
  readonly secret: string | null
  readonly events: readonly string[]
  readonly active: boolean
  readonly createdAt: string
  readonly updatedAt: string
}

/** What a hook can be given. */
export type HookFields = Pick<Hook, 'url' | 'contentType' | 'secret' | 'events' | 'active'>

/** One try to deliver an event. */
export interface Delivery {
  readonly id: number
  readonly guid: string
  readonly event: string
  readonly status: string
  readonly statusCode: number
  /** Seconds. */
  readonly duration: number
  readonly redelivery: boolean
  readonly deliveredAt: string
}

/** Adds a hook to a repository. */
export function insertHook(store: Store, repository: number, fields: HookFields, now: Date): Hook {
  const stamp = now.toISOString()
  const { lastInsertRowid } = store
    .prepare(
      'INSERT INTO hooks (repository, url, content_type, secret, events, active, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    )
    .run(
      repository,
      fields.url,
      fields.contentType,
      fields.secret,
      JSON.stringify(fields.events),
      Number(fields.active),
      stamp,
      stamp,
    )
  return hookById(store, repository, Number(lastInsertRowid))!
}

/** Changes a hook. */
export function updateHook(store: Store, hook: Hook, fields: Partial<HookFields>, now: Date): Hook {
  const after = { ...hook, ...fields }
  store
    .prepare(
      'UPDATE hooks SET url = ?, content_type = ?, secret = ?, events = ?, active = ?, updated_at = ? WHERE id = ?',
    )
    .run(
      after.url,
      after.contentType,
      after.secret,
      JSON.stringify(after.events),
      Number(after.active),
      now.toISOString(),
      hook.id,
    )
  return hookById(store, hook.repository, hook.id)!
}

/** Removes a hook. */
export function deleteHook(store: Store, hook: Hook): void {
  store.prepare('DELETE FROM hooks WHERE id = ?').run(hook.id)
}

/** A hook of a repository by its id. */
export function hookById(store: Store, repository: number, id: number): Hook | undefined {
  const row = store.prepare('SELECT * FROM hooks WHERE repository = ? AND id = ?').get(repository, id)
  return row === undefined ? undefined : fromRow(row as Record<string, string | number | null>)
}

/** The hooks of a repository. */
export function hooksOf(store: Store, repository: number): Hook[] {
  const rows = store.prepare('SELECT * FROM hooks WHERE repository = ? ORDER BY id').all(repository)
  return rows.map(row => fromRow(row as Record<string, string | number | null>))
}

/** Records a delivery and forgets all but the last 50 of its hook. */
export function insertDelivery(store: Store, hook: number, delivery: Omit<Delivery, 'id'>): void {
  store
    .prepare(
      'INSERT INTO deliveries (hook, guid, event, status, status_code, duration, redelivery, delivered_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    )
    .run(
      hook,
      delivery.guid,
      delivery.event,
      delivery.status,
      delivery.statusCode,
      delivery.duration,
      Number(delivery.redelivery),
      delivery.deliveredAt,
    )
  store
    .prepare(
      'DELETE FROM deliveries WHERE hook = ? AND id NOT IN (SELECT id FROM deliveries WHERE hook = ? ORDER BY id DESC LIMIT 50)',
    )
    .run(hook, hook)
}

/** The last deliveries of a hook, newest first. */
export function deliveriesOf(store: Store, hook: number): Delivery[] {
  return store
    .prepare('SELECT * FROM deliveries WHERE hook = ? ORDER BY id DESC')
    .all(hook)
    .map(row => {
      const found = row as Record<string, string | number>
      return {
        id: found['id'] as number,
        guid: found['guid'] as string,
        event: found['event'] as string,
        status: found['status'] as string,
        statusCode: found['status_code'] as number,
        duration: found['duration'] as number,
        redelivery: found['redelivery'] === 1,
        deliveredAt: found['delivered_at'] as string,
      }
    })
}

function fromRow(row: Record<string, string | number | null>): Hook {
  return {
    id: row['id'] as number,
    repository: row['repository'] as number,
    url: row['url'] as string,
    contentType: row['content_type'] as Hook['contentType'],
    secret: row['secret'] as string | null,
    events: JSON.parse(row['events'] as string),
    active: row['active'] === 1,
    createdAt: row['created_at'] as string,
    updatedAt: row['updated_at'] as string,
  }
}

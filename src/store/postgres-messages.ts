import pg from 'pg'
import { backoffDelay } from '../base/backoff.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import { redact } from '../secrets/secret.ts'
import type { Messages } from './messages.ts'
import { clientConfig } from './postgres-pool.ts'
import type { PostgresPlace } from './postgres-url.ts'

const channel = 'sluice'

interface Options {
  readonly pool: pg.Pool
  readonly place: PostgresPlace
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * LISTEN and NOTIFY, on a connection of its own that is made again when it is lost. What was sent in between is lost too:
 * subscribers are told of the gap. Resolves when it listens for the first time.
 */
export async function postgresMessages({ pool, place, clock, logger }: Options): Promise<Messages> {
  const takers = new Map<(text: string) => void, () => void>()
  const end = new AbortController()
  let client: pg.Client | undefined

  const listen = async (): Promise<pg.Client> => {
    const made = new pg.Client({ ...clientConfig(place), application_name: 'sluice messages' })
    made.on('notification', ({ payload }) => {
      for (const take of [...takers.keys()]) take(payload ?? '')
    })
    made.on('error', error => logger.warn('the database ended the connection for messages', said(error)))
    made.once('end', () => {
      if (client === made) void again()
    })
    try {
      await made.connect()
      await made.query(`LISTEN ${channel}`)
    } catch (error) {
      await made.end().catch(() => {})
      throw error
    }
    return made
  }
  const again = async (): Promise<void> => {
    client = undefined
    for (let attempt = 1; !end.signal.aborted; attempt++) {
      try {
        await clock.sleep(backoffDelay(attempt, { baseMs: 200, maxMs: 10_000 }), end.signal)
        const made = await listen()
        if (end.signal.aborted) return void (await made.end().catch(() => {}))
        client = made
        for (const gap of [...takers.values()]) gap()
        return
      } catch (error) {
        if (!end.signal.aborted) logger.warn('no connection for messages to the database', said(error))
      }
    }
  }

  client = await listen()
  return {
    async send(text) {
      await pool.query('SELECT pg_notify($1, $2)', [channel, text])
    },
    subscribe(take, gap) {
      takers.set(take, gap)
      return () => takers.delete(take)
    },
    async close() {
      end.abort()
      takers.clear()
      const last = client
      client = undefined
      await last?.end().catch(() => {})
    },
  }
}

function said(error: unknown): { error: string } {
  return { error: redact(error instanceof Error ? error.message : String(error)) }
}

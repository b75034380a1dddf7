import pg from 'pg'
import type { PostgresPlace } from './postgres-url.ts'

/** Connections to the database that one server uses at once. */
const mostConnections = 10

const numbers: pg.CustomTypesConfig = {
  // Numbers of rows are far below 2⁵³; as text they would not compare as they do in SQLite.
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === 20 ? Number : pg.types.getTypeParser(oid as never, format as never),
}

export function clientConfig(place: PostgresPlace): pg.ClientConfig {
  const { password, tls } = place
  return {
    host: place.host,
    port: place.port,
    user: place.user,
    database: place.database,
    application_name: 'sluice',
    connectionTimeoutMillis: place.connectTimeoutMs,
    keepAlive: true,
    // Asked for at each connection: the text is in no object that something may print.
    ...(password === undefined ? {} : { password: () => password.reveal() }),
    ssl: tls ?? false,
    types: numbers,
  }
}

export function postgresPool(place: PostgresPlace, onError: (error: Error) => void): pg.Pool {
  const pool = new pg.Pool({
    ...clientConfig(place),
    max: mostConnections,
    idleTimeoutMillis: 60_000,
    statement_timeout: 30_000,
    idle_in_transaction_session_timeout: 60_000,
  })
  // An idle connection that the server ended; the next query makes a new one.
  pool.on('error', () => {})
  // One that is ended in a transaction, between two queries, fails nobody's query: unheard, that would end the process.
  pool.on('connect', client => void client.on('error', onError))
  return pool
}

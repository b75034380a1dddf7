import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { SluiceError } from '../base/errors/index.ts'
import { Secret } from '../secrets/secret.ts'

/** Where a PostgreSQL database is and how it is reached. */
export interface PostgresPlace {
  /** Name or address of the server, or the folder of its Unix socket. */
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password?: Secret
  readonly database: string
  /** Undefined: no TLS. */
  readonly tls?: ConnectionOptions
  readonly connectTimeoutMs: number
}

const sslModes = ['disable', 'require', 'verify-ca', 'verify-full'] as const

/**
 * Reads `postgres://user:password@host:port/database?sslmode=…&sslrootcert=FILE`, with libpq's parameters `sslmode`,
 * `sslrootcert`, `sslcert`, `sslkey`, `connect_timeout` (seconds) and `host` (the folder of a socket).
 * Without `sslmode` a server on loopback or a socket is spoken to in plain, and any other has to prove its name
 * (`verify-full`): libpq's own default would fall back to plain text. Fails with E_STORE_URL.
 */
export function parsePostgresUrl(text: Secret): PostgresPlace {
  const url = URL.canParse(text.reveal()) ? new URL(text.reveal()) : undefined
  if (url === undefined || !/^postgres(ql)?:$/.test(url.protocol)) {
    throw new SluiceError('E_STORE_URL', { expected: 'postgres://…', seen: 'something else' })
  }
  const get = (name: string) => url.searchParams.get(name) ?? undefined
  const known = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'connect_timeout', 'host']
  for (const name of url.searchParams.keys()) {
    if (!known.includes(name)) throw new SluiceError('E_STORE_URL', { expected: known.join(', '), seen: name })
  }
  const host = get('host') ?? (decodeURIComponent(url.hostname).replace(/^\[|\]$/g, '') || '127.0.0.1')
  const database = decodeURIComponent(url.pathname.slice(1))
  if (database === '') throw new SluiceError('E_STORE_URL', { expected: 'the name of a database', seen: 'none' })
  const user = decodeURIComponent(url.username)
  if (user === '') throw new SluiceError('E_STORE_URL', { expected: 'the name of a user', seen: 'none' })
  const seconds = Number(get('connect_timeout') ?? 10)
  if (!Number.isFinite(seconds) || seconds <= 0) {
    throw new SluiceError('E_STORE_URL', { object: 'connect_timeout', expected: 'seconds', seen: String(seconds) })
  }
  const tls = tlsOf(host, get)
  return {
    host,
    port: url.port === '' ? 5432 : Number(url.port),
    user,
    database,
    connectTimeoutMs: seconds * 1000,
    ...(url.password === '' ? {} : { password: Secret.of(decodeURIComponent(url.password)) }),
    ...(tls === undefined ? {} : { tls }),
  }
}

function tlsOf(host: string, get: (name: string) => string | undefined): ConnectionOptions | undefined {
  const local = host.startsWith('/') || host === 'localhost' || host === '::1' || host.startsWith('127.')
  const mode = get('sslmode') ?? (local ? 'disable' : 'verify-full')
  if (!sslModes.some(known => known === mode)) {
    throw new SluiceError('E_STORE_URL', { object: 'sslmode', expected: sslModes.join(', '), seen: mode })
  }
  if (mode === 'disable') return undefined
  const file = (name: string) => {
    const path = get(name)
    if (path === undefined) return undefined
    try {
      return readFileSync(path, 'utf8')
    } catch (cause) {
      throw new SluiceError('E_FILE_READ', { object: path, seen: (cause as NodeJS.ErrnoException).code ?? '', cause })
    }
  }
  const [ca, cert, key] = [file('sslrootcert'), file('sslcert'), file('sslkey')]
  return {
    // As libpq: `require` checks the certificate only when there is a root to check it against.
    rejectUnauthorized: mode !== 'require' || ca !== undefined,
    ...(mode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  }
}

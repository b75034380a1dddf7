import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Grant, Principal } from '../../access/index.ts'
import { systemClock } from '../../base/clock.ts'
import { jsonLogger } from '../../base/log.ts'
import { Secret } from '../../secrets/secret.ts'
import type { StoreOptions } from '../../store/index.ts'
import type { ServerOptions } from '../options.ts'
import { type RunningServer, startServer } from '../start.ts'

/** Calls the API as one person. */
export interface TestPerson {
  readonly id: string
  readonly name: string
  /** Header that carries the session: `{ cookie: … }`. */
  readonly headers: Readonly<Record<string, string>>
  call(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>
}

export interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it
  readonly body: any
  readonly text: string
  readonly headers: Headers
}

/** A real server on loopback with an administrator. */
export interface TestServer {
  readonly server: RunningServer
  readonly url: string
  readonly dataDir: string
  /** All that was logged. */
  readonly log: readonly string[]
  /** Nobody: no session. */
  readonly anonymous: TestPerson
  readonly administrator: TestPerson
  /** Makes a user with these grants, signed in. */
  person(name: string, grants: readonly Grant[]): Promise<TestPerson>
  /** The rights of a user as routes get them: to start jobs and listen in tests. */
  principal(person: TestPerson): Promise<Principal>
  close(): Promise<void>
}

export const testPassword = 'correct horse battery'

export async function startTestServer(
  options: Partial<ServerOptions> & { readonly place?: StoreOptions['place'] } = {},
): Promise<TestServer> {
  const { place, ...rest } = options
  const dataDir = rest.dataDir ?? (await mkdtemp(join(tmpdir(), 'sluice-server-')))
  const log: string[] = []
  const server = await startServer({
    dataDir,
    host: '127.0.0.1',
    port: 0,
    clock: systemClock,
    logger: jsonLogger(line => void log.push(line), 'debug'),
    rateLimit: { perSecond: 10_000, burst: 10_000 },
    ...(place !== undefined && 'url' in place ? { databaseUrl: place.url } : {}),
    ...rest,
  })
  const { users, sessions } = server.context.access
  const signedIn = async (id: string, name: string): Promise<TestPerson> => {
    const session = await sessions.start(id, 'password', '127.0.0.1')
    const cookie = `${server.url.startsWith('https') ? '__Host-sluice' : `sluice-${new URL(server.localUrl).port}`}=${session}`
    return personOf(server.localUrl, id, name, { cookie })
  }
  const known = (await users.list()).find(user => user.name === 'admin')
  const everything: Grant = { role: 'administrator', project: '*', environment: '*' }
  const admin =
    known ?? (await users.create({ name: 'admin', password: Secret.of(testPassword), grants: [everything] }))
  return {
    server,
    url: server.localUrl,
    dataDir,
    log,
    anonymous: personOf(server.localUrl, '', '', {}),
    administrator: await signedIn(admin.id, 'admin'),
    async person(name, grants) {
      const user = await users.create({ name, grants })
      return signedIn(user.id, name)
    },
    async principal(person) {
      const found = await sessions.find(person.headers['cookie']?.replace(/^[^=]*=/, '') ?? '')
      if (found === undefined) throw new Error(`${person.name} is not signed in`)
      return found
    },
    async close() {
      await server.close()
      if (rest.dataDir === undefined) await rm(dataDir, { recursive: true, force: true })
    },
  }
}

export function personOf(url: string, id: string, name: string, headers: Readonly<Record<string, string>>): TestPerson {
  return {
    id,
    name,
    headers,
    async call(method, path, body, more = {}) {
      const answer = await fetch(new URL(path, url), {
        method,
        redirect: 'manual',
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          'sec-fetch-site': 'same-origin',
          ...headers,
          ...more,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const text = await answer.text()
      const isJson = answer.headers.get('content-type')?.startsWith('application/json') === true
      return { status: answer.status, text, body: isJson ? JSON.parse(text) : undefined, headers: answer.headers }
    },
  }
}

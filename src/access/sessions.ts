import type { Clock } from '../base/clock.ts'
import { SluiceError } from '../base/errors/index.ts'
import type { Secret } from '../secrets/secret.ts'
import { type Store, whyNotWritten } from '../store/index.ts'
import { grantsOf } from '../store/tables/grants.ts'
import {
  bringSessionsBack,
  deleteEndedSessions,
  deleteSession,
  deleteSessionsOf,
  findSession,
  insertSession,
  touchSession,
} from '../store/tables/sessions.ts'
import { findUser, findUserByName, type UsersTable, updateUser } from '../store/tables/users.ts'
import { strongest } from './grants.ts'
import type { LoginLimiter } from './login-limiter.ts'
import { verifyNothing, verifyPassword } from './password.ts'
import { digest, randomToken } from './random.ts'
import type { Grant, Principal } from './types.ts'

/** A session that nobody uses ends after this time; one that is used, after the second. */
export const idleMs = 12 * 60 * 60_000
export const longestMs = 7 * 24 * 60 * 60_000
/** Use is written down so often at most. */
const touchMs = 60_000

/** Browsers that are signed in. */
export class Sessions {
  readonly #store: Store
  readonly #clock: Clock
  readonly #limiter: LoginLimiter

  constructor(store: Store, clock: Clock, limiter: LoginLimiter) {
    this.#store = store
    this.#clock = clock
    this.#limiter = limiter
  }

  /**
   * Signs in with name and password; gives the text for the cookie. Unknown names, disabled users and wrong passwords
   * take the same time and say the same. Fails with E_SIGN_IN, E_SIGN_IN_LIMIT.
   */
  async signIn(name: string, password: Secret, address: string): Promise<string> {
    this.#limiter.begin(address, name)
    const user = await findUserByName(this.#store.db, name)
    const right =
      user?.password_hash == null ? await verifyNothing(password) : await verifyPassword(user.password_hash, password)
    if (!right || user === undefined || user.disabled === 1) throw new SluiceError('E_SIGN_IN')
    this.#limiter.succeeded(address, name)
    return this.start(user.id, 'password', address)
  }

  /** Starts a session for somebody who has proven who they are. */
  async start(userId: string, via: 'password' | 'oidc', address: string): Promise<string> {
    const id = randomToken()
    const now = this.#clock.now()
    await insertSession(this.#store.db, {
      hash: digest(id),
      user_id: userId,
      via,
      created_at: now.toISOString(),
      used_at: now.toISOString(),
      ends_at: new Date(now.getTime() + longestMs).toISOString(),
      address,
    })
    await updateUser(this.#store.db, userId, { signed_in_at: now.toISOString() })
    return id
  }

  /** Whose session it is; undefined when it has ended. */
  async find(id: string): Promise<Principal | undefined> {
    return this.byHash(digest(id))
  }

  /** The same by what is kept of the id. `quiet`: looking is no use, so that an open tab alone keeps no session alive. */
  async byHash(hash: string, quiet = false): Promise<Principal | undefined> {
    const { db } = this.#store
    let session = await findSession(db, hash)
    if (session === undefined) return undefined
    const now = this.#clock.now()
    if (Math.max(Date.parse(session.used_at), Date.parse(session.created_at)) > now.getTime() + touchMs) {
      await this.#bringBack(now).catch(orNotWritten)
      session = (await findSession(db, hash)) ?? session
    }
    const user = await findUser(db, session.user_id)
    const used = Date.parse(session.used_at)
    const over = session.ends_at <= now.toISOString() || used + idleMs <= now.getTime()
    // A database without room keeps nobody from looking, and what is over is swept later.
    if (over || user === undefined || user.disabled === 1) {
      await deleteSession(db, hash).catch(orNotWritten)
      return undefined
    }
    if (!quiet && used + touchMs <= now.getTime()) await touchSession(db, hash, now.toISOString()).catch(orNotWritten)
    return { ...(await principalOf(this.#store, user, session.via)), session: hash }
  }

  async end(hash: string): Promise<void> {
    await deleteSession(this.#store.db, hash)
  }

  /** Signs a user out everywhere. */
  async endAll(userId: string): Promise<number> {
    return deleteSessionsOf(this.#store.db, userId)
  }

  /** Removes what has ended. */
  async sweep(): Promise<void> {
    const now = this.#clock.now()
    await this.#bringBack(now)
    await deleteEndedSessions(this.#store.db, now.toISOString(), new Date(now.getTime() - idleMs).toISOString())
  }

  /** A clock that was set back must not make a session live for longer than one that begins now. */
  async #bringBack(now: Date): Promise<void> {
    const at = (ms: number) => new Date(now.getTime() + ms).toISOString()
    // Clocks of servers differ a little.
    await bringSessionsBack(this.#store.db, { now: at(0), latest: at(touchMs), longestEnd: at(longestMs) })
  }
}

/** Lets a failure pass that only says that the database takes no writes. */
export function orNotWritten(error: unknown): void {
  if (whyNotWritten(error) === undefined) throw error
}

export async function principalOf(store: Store, user: UsersTable, via: Principal['person']['via']): Promise<Principal> {
  const grants = (await grantsOf(store.db, user.id)).map(({ role, project, environment }) => ({
    role: role as Grant['role'],
    project,
    environment,
  }))
  return {
    person: { id: user.id, name: user.name, displayName: user.display_name, via },
    grants: strongest(grants),
  }
}

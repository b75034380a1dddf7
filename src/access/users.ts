import type { Clock } from '../base/clock.ts'
import { SluiceError } from '../base/errors/index.ts'
import type { Secret } from '../secrets/secret.ts'
import { type Db, isDuplicate, type Store } from '../store/index.ts'
import { allGrants, type GrantsTable, globalAdministrators, grantsOf, replaceGrants } from '../store/tables/grants.ts'
import { deleteSessionsOf } from '../store/tables/sessions.ts'
import { findUser, insertUser, listUsers, nameKey, type UsersTable, updateUser } from '../store/tables/users.ts'
import { strongest } from './grants.ts'
import { hashPassword } from './password.ts'
import { randomId } from './random.ts'
import type { Grant } from './types.ts'

export interface NewUser {
  readonly name: string
  readonly displayName?: string
  /** Absent: the user comes in by an issuer only. */
  readonly password?: Secret
  readonly grants: readonly Grant[]
}

/** A user as administrators see it. */
export interface UserView {
  readonly id: string
  readonly name: string
  readonly displayName: string
  readonly disabled: boolean
  readonly hasPassword: boolean
  readonly oidcIssuer?: string
  readonly createdAt: string
  readonly signedInAt?: string
  /** Set here by an administrator. */
  readonly grants: readonly Grant[]
  /** From the groups that the issuer told at the last sign-in. */
  readonly grantsFromGroups: readonly Grant[]
}

/** Users and their roles. What would leave nobody in charge fails with E_LAST_ADMINISTRATOR. */
export class Users {
  readonly #store: Store
  readonly #clock: Clock

  constructor(store: Store, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  async list(): Promise<UserView[]> {
    const [users, grants] = [await listUsers(this.#store.db), await allGrants(this.#store.db)]
    const byUser = new Map<string, GrantsTable[]>()
    for (const grant of grants) byUser.set(grant.user_id, [...(byUser.get(grant.user_id) ?? []), grant])
    return users.map(user => view(user, byUser.get(user.id) ?? []))
  }

  /** Fails with E_NOT_FOUND. */
  async get(id: string, db: Db = this.#store.db): Promise<UserView> {
    const user = await findUser(db, id)
    if (user === undefined) throw unknown(id)
    return view(user, await grantsOf(db, id))
  }

  /** Fails with E_USER_EXISTS. */
  async create({ name, displayName, password, grants }: NewUser, within?: Db): Promise<UserView> {
    const id = randomId()
    // Before the transaction: hashing takes a while and would hold it.
    const hash = password === undefined ? null : await hashPassword(password)
    const write = async (db: Db) => {
      await insertUser(db, {
        id,
        name,
        name_key: nameKey(name),
        display_name: displayName ?? name,
        password_hash: hash,
        oidc_issuer: null,
        oidc_subject: null,
        disabled: 0,
        created_at: this.#clock.now().toISOString(),
        signed_in_at: null,
      }).catch(error => {
        throw isDuplicate(error) ? new SluiceError('E_USER_EXISTS', { object: name }) : error
      })
      await replaceGrants(db, id, 'local', strongest(grants))
      return this.get(id, db)
    }
    return within === undefined ? this.#store.transaction(write) : write(within)
  }

  /** Puts these in the place of the grants that were set here. */
  async setGrants(id: string, grants: readonly Grant[]): Promise<UserView> {
    return this.#keepingOneAdministrator(id, db => replaceGrants(db, id, 'local', strongest(grants)))
  }

  /** A disabled user cannot come in; sessions end at once. */
  async setDisabled(id: string, disabled: boolean): Promise<UserView> {
    return this.#keepingOneAdministrator(id, async db => {
      await updateUser(db, id, { disabled: disabled ? 1 : 0 })
      if (disabled) await deleteSessionsOf(db, id)
    })
  }

  /** Sets a password and ends all sessions but `session`. */
  async setPassword(id: string, password: Secret, session?: string): Promise<void> {
    const hash = await hashPassword(password)
    await this.#store.transaction(async db => {
      if (!(await updateUser(db, id, { password_hash: hash }))) throw unknown(id)
      await deleteSessionsOf(db, id, session)
    })
  }

  async #keepingOneAdministrator(id: string, change: (db: Db) => Promise<void>): Promise<UserView> {
    return this.#store.exclusively('administrators', async db => {
      const before = await globalAdministrators(db)
      await this.get(id, db)
      await change(db)
      if (before.includes(id) && (await globalAdministrators(db)).length === 0) {
        throw new SluiceError('E_LAST_ADMINISTRATOR', { object: (await this.get(id, db)).name })
      }
      return this.get(id, db)
    })
  }
}

function view(user: UsersTable, grants: readonly GrantsTable[]): UserView {
  const from = (source: GrantsTable['source']) =>
    grants
      .filter(grant => grant.source === source)
      .map(({ role, project, environment }) => ({ role: role as Grant['role'], project, environment }))
  return {
    id: user.id,
    name: user.name,
    displayName: user.display_name,
    disabled: user.disabled === 1,
    hasPassword: user.password_hash !== null,
    ...(user.oidc_issuer === null ? {} : { oidcIssuer: user.oidc_issuer }),
    createdAt: user.created_at,
    ...(user.signed_in_at === null ? {} : { signedInAt: user.signed_in_at }),
    grants: from('local'),
    grantsFromGroups: from('oidc'),
  }
}

function unknown(id: string): SluiceError {
  return new SluiceError('E_NOT_FOUND', { object: `user ${id}` })
}

import type { Clock } from '../base/clock.ts'
import { SluiceError } from '../base/errors/index.ts'
import { Secret } from '../secrets/secret.ts'
import type { Store } from '../store/index.ts'
import {
  type ApiTokensTable,
  deleteApiToken,
  findApiToken,
  findApiTokenById,
  insertApiToken,
  listApiTokens,
  touchApiToken,
} from '../store/tables/api-tokens.ts'
import { findUser } from '../store/tables/users.ts'
import { beyond, bothAllow, strongest } from './grants.ts'
import { digest, randomId, randomToken } from './random.ts'
import { orNotWritten, principalOf } from './sessions.ts'
import type { Grant, Principal } from './types.ts'

const prefix = 'slu_'
const touchMs = 60_000
/** No token lives longer: one that is forgotten ends by itself. */
export const longestTokenDays = 366

export interface ApiTokenView {
  readonly id: string
  readonly name: string
  readonly userId: string
  readonly grants: readonly Grant[]
  readonly createdAt: string
  readonly endsAt: string
  readonly usedAt?: string
}

/** Tokens for programs: `Authorization: Bearer slu_…`. */
export class ApiTokens {
  readonly #store: Store
  readonly #clock: Clock

  constructor(store: Store, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** Makes a token that may do no more than its owner. Its text is given here and never again. Fails with E_FORBIDDEN. */
  async create(
    owner: Principal,
    { name, grants, days }: { readonly name: string; readonly grants: readonly Grant[]; readonly days: number },
  ): Promise<{ readonly token: Secret; readonly view: ApiTokenView }> {
    const [more] = beyond(grants, owner.grants)
    if (more !== undefined) {
      throw new SluiceError('E_FORBIDDEN', {
        object: `API token ${name}`,
        expected: 'no role that you do not have yourself',
        seen: `${more.role} in ${more.project}/${more.environment}`,
      })
    }
    const text = `${prefix}${randomToken()}`
    const now = this.#clock.now()
    const row: ApiTokensTable = {
      id: randomId(),
      hash: digest(text),
      user_id: owner.person.id,
      name,
      grants: JSON.stringify(strongest(grants)),
      created_at: now.toISOString(),
      ends_at: new Date(now.getTime() + Math.min(days, longestTokenDays) * 86_400_000).toISOString(),
      used_at: null,
    }
    await insertApiToken(this.#store.db, row)
    return { token: Secret.of(text), view: view(row) }
  }

  /** Who a token speaks for; undefined when it is unknown or has ended. */
  async find(text: string): Promise<Principal | undefined> {
    if (!text.startsWith(prefix)) return undefined
    const row = await findApiToken(this.#store.db, digest(text))
    return row && this.#principal(row)
  }

  async byId(id: string): Promise<Principal | undefined> {
    const row = await findApiTokenById(this.#store.db, id)
    return row && this.#principal(row)
  }

  async #principal(row: ApiTokensTable): Promise<Principal | undefined> {
    const now = this.#clock.now()
    if (row.ends_at <= now.toISOString()) return undefined
    const user = await findUser(this.#store.db, row.user_id)
    if (user === undefined || user.disabled === 1) return undefined
    // Also one that was used later than now: the clock was wrong then.
    if (row.used_at === null || Math.abs(now.getTime() - Date.parse(row.used_at)) >= touchMs) {
      await touchApiToken(this.#store.db, row.id, now.toISOString()).catch(orNotWritten)
    }
    const owner = await principalOf(this.#store, user, 'token')
    return { ...owner, grants: bothAllow(JSON.parse(row.grants) as Grant[], owner.grants), token: row.id }
  }

  async list(userId?: string): Promise<ApiTokenView[]> {
    return (await listApiTokens(this.#store.db, userId)).map(view)
  }

  /** Fails with E_NOT_FOUND when it is not there, or belongs to another user than `userId`. */
  async remove(id: string, userId?: string): Promise<ApiTokenView> {
    const row = await findApiTokenById(this.#store.db, id)
    if (row === undefined || (userId !== undefined && row.user_id !== userId)) {
      throw new SluiceError('E_NOT_FOUND', { object: `API token ${id}` })
    }
    await deleteApiToken(this.#store.db, id)
    return view(row)
  }
}

function view(row: ApiTokensTable): ApiTokenView {
  return {
    id: row.id,
    name: row.name,
    userId: row.user_id,
    grants: JSON.parse(row.grants) as Grant[],
    createdAt: row.created_at,
    endsAt: row.ends_at,
    ...(row.used_at === null ? {} : { usedAt: row.used_at }),
  }
}

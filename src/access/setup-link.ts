import type { Clock } from '../base/clock.ts'
import { SluiceError } from '../base/errors/index.ts'
import { Secret } from '../secrets/secret.ts'
import type { Store } from '../store/index.ts'
import { globalAdministrators } from '../store/tables/grants.ts'
import { replaceSetupLink, useSetupLink } from '../store/tables/setup-links.ts'
import { digest, randomToken } from './random.ts'
import type { NewUser, Users, UserView } from './users.ts'

const linkLivesMs = 24 * 60 * 60_000

/** The one-time link by which the first administrator is set. */
export class SetupLink {
  readonly #store: Store
  readonly #clock: Clock
  readonly #users: Users

  constructor(store: Store, clock: Clock, users: Users) {
    this.#store = store
    this.#clock = clock
    this.#users = users
  }

  /** Whether there is no administrator yet. */
  async isNeeded(): Promise<boolean> {
    return (await globalAdministrators(this.#store.db)).length === 0
  }

  /** Makes a new link's secret, in the place of any before; undefined once there is an administrator. */
  async renew(): Promise<Secret | undefined> {
    const text = randomToken()
    const ends = new Date(this.#clock.now().getTime() + linkLivesMs).toISOString()
    return this.#store.transaction(async db => {
      if ((await globalAdministrators(db)).length > 0) return undefined
      await replaceSetupLink(db, { hash: digest(text), ends_at: ends })
      return Secret.of(text)
    })
  }

  /** Sets the administrator and uses the link up. Fails with E_SETUP_LINK, E_USER_EXISTS; then the link stays. */
  async use(secret: string, user: Omit<NewUser, 'grants'>): Promise<UserView> {
    const grants = [{ role: 'administrator', project: '*', environment: '*' }] as const
    return this.#store.transaction(async db => {
      const now = this.#clock.now().toISOString()
      if ((await globalAdministrators(db)).length > 0 || !(await useSetupLink(db, digest(secret), now))) {
        throw new SluiceError('E_SETUP_LINK')
      }
      return this.#users.create({ ...user, grants }, db)
    })
  }
}

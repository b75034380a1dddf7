import { LRUCache } from 'lru-cache'
import type { Culprit } from '../contract/change-result.ts'

/** What keeps a release from getting on. */
export type Trouble = Pick<Culprit, 'object' | 'message'>

const most = 2000

/**
 * What is to blame where a release does not get on, by application and environment. It takes requests to the cluster to find
 * out: found once, every list and page says the same of it.
 */
export class Troubles {
  readonly #known = new LRUCache<string, Trouble>({ max: most })
  #version = 0

  /** Another one whenever {@link note} had news. */
  get version(): number {
    return this.#version
  }

  /** Keeps what was found, or that nothing was; whether that is news. */
  note(app: string, environment: string, found: Trouble | undefined): boolean {
    const key = `${app}/${environment}`
    const before = this.#known.get(key)
    if (before?.object === found?.object && before?.message === found?.message) return false
    if (found === undefined) this.#known.delete(key)
    else this.#known.set(key, { object: found.object, message: found.message })
    this.#version++
    return true
  }

  of(app: string, environment: string): Trouble | undefined {
    return this.#known.get(`${app}/${environment}`)
  }
}

import { LRUCache } from 'lru-cache'
import type { Repository } from '../../git/index.ts'

/** Which commits hold which others: asked of git once for each pair. */
export class Ancestry {
  readonly #known = new LRUCache<string, boolean>({ max: 20_000 })

  /** Those of `tips` that have `commit` in their history. */
  async holding(repository: Repository, tips: readonly string[], commit: string): Promise<ReadonlySet<string>> {
    const out = new Set<string>()
    for (const tip of new Set(tips)) if (tip === commit || (await this.#holds(repository, tip, commit))) out.add(tip)
    return out
  }

  async #holds(repository: Repository, tip: string, commit: string): Promise<boolean> {
    const key = `${tip} ${commit}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    // One that was not fetched yet says nothing that could be kept.
    if ((await repository.commit(tip)) === undefined) return false
    const holds = await repository.holds(tip, commit)
    this.#known.set(key, holds)
    return holds
  }
}

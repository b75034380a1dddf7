/** Which keys belong to which groups, both ways: a small two-way multimap. */
export class IndexBy {
  readonly #keysOf = new Map<string, Set<string>>()
  readonly #groupsOf = new Map<string, readonly string[]>()

  /** Puts a key into exactly these groups. */
  set(key: string, groups: readonly string[]): void {
    this.delete(key)
    this.#groupsOf.set(key, groups)
    for (const group of groups) {
      const keys = this.#keysOf.get(group)
      if (keys === undefined) this.#keysOf.set(group, new Set([key]))
      else keys.add(key)
    }
  }

  /** Takes a key out of all groups. */
  delete(key: string): void {
    for (const group of this.#groupsOf.get(key) ?? []) {
      const keys = this.#keysOf.get(group)
      keys?.delete(key)
      if (keys?.size === 0) this.#keysOf.delete(group)
    }
    this.#groupsOf.delete(key)
  }

  /** The keys of a group. */
  in(group: string): readonly string[] {
    return [...(this.#keysOf.get(group) ?? [])]
  }
}

/** Who waits: a person (0), a change in Git or in the cluster (1), or routine work (2). */
export type Priority = 0 | 1 | 2

/** Keys that wait, a line for each priority, so that the next one is found without looking at all that wait. */
export class Lines<T> {
  readonly #lines: readonly [Map<string, T>, Map<string, T>, Map<string, T>] = [new Map(), new Map(), new Map()]

  get size(): number {
    return this.#lines[0].size + this.#lines[1].size + this.#lines[2].size
  }

  get(key: string): T | undefined {
    return this.#lines[0].get(key) ?? this.#lines[1].get(key) ?? this.#lines[2].get(key)
  }

  /** Puts a key that does not wait yet at the end of its line. */
  add(key: string, priority: Priority, item: T): void {
    this.#lines[priority].set(key, item)
  }

  /** Moves a key to the end of a more urgent line; it stays where it is when its own is as urgent. */
  raise(key: string, priority: Priority): void {
    for (const from of [1, 2] as const) {
      const item = this.#lines[from].get(key)
      if (from <= priority || item === undefined) continue
      this.#lines[from].delete(key)
      this.#lines[priority].set(key, item)
    }
  }

  delete(key: string): void {
    for (const line of this.#lines) line.delete(key)
  }

  clear(): void {
    for (const line of this.#lines) line.clear()
  }

  /** The most urgent priority that somebody waits with. */
  best(): Priority | undefined {
    return ([0, 1, 2] as const).find(priority => this.#lines[priority].size > 0)
  }

  /** The priority whose first key comes first by `order`. */
  longest(order: (a: T, b: T) => number): Priority | undefined {
    let found: { readonly priority: Priority; readonly item: T } | undefined
    for (const priority of [0, 1, 2] as const) {
      const [item] = this.#lines[priority].values()
      if (item !== undefined && (found === undefined || order(item, found.item) < 0)) found = { priority, item }
    }
    return found?.priority
  }

  /** Takes the first key of a line in which there is one. */
  take(priority: Priority): [string, T] {
    const [first] = this.#lines[priority]
    if (first === undefined) throw new Error(`nobody waits with priority ${priority}`)
    this.#lines[priority].delete(first[0])
    return first
  }
}

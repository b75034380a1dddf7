/** Short messages between the servers of one store. */
export interface Messages {
  /** Tells every server, this one too. `text` is at most {@link longestMessage} bytes. */
  send(text: string): Promise<void>
  /** Calls `take` with each message; `gap` when some may have been missed. Returns the function that ends it. */
  subscribe(take: (text: string) => void, gap: () => void): () => void
  close(): Promise<void>
}

/** PostgreSQL takes less than 8000 bytes in a notification. */
export const longestMessage = 7900

/** Of a store that one server has alone: a message comes back to it. */
export function localMessages(): Messages {
  const takers = new Set<(text: string) => void>()
  return {
    async send(text) {
      for (const take of [...takers]) queueMicrotask(() => takers.has(take) && take(text))
    },
    subscribe(take) {
      takers.add(take)
      return () => takers.delete(take)
    },
    async close() {
      takers.clear()
    },
  }
}

import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { z } from 'zod'
import { SluiceError } from '../../base/errors/index.ts'

const mostCharacters = 16 * 1024 * 1024
/** What nobody thought of does not stand for longer, in milliseconds. */
const longestMs = 30_000

/**
 * Answers that many ask for at once, as the text that is sent: of a thousand applications, checking and writing out the answer takes
 * longer than finding it. Kept for as long as nothing that it is made of changes.
 */
export class KeptAnswers {
  readonly #kept = new LRUCache<string, string>({
    max: 200,
    ttl: longestMs,
    maxSize: mostCharacters,
    sizeCalculation: text => Math.max(1, text.length),
  })
  readonly #making = new Map<string, Promise<string>>()

  /** `facts` is everything that the answer depends on: the route, who asks, and the versions of what it tells of. */
  async answer<T>(facts: readonly unknown[], schema: z.ZodType<T>, make: () => Promise<T>): Promise<Response> {
    const key = createHash('sha256').update(JSON.stringify(facts)).digest('base64')
    const text = this.#kept.get(key) ?? (await this.#make(key, schema, make))
    return new Response(text, { headers: { 'content-type': 'application/json' } })
  }

  #make<T>(key: string, schema: z.ZodType<T>, make: () => Promise<T>): Promise<string> {
    let making = this.#making.get(key)
    if (making === undefined) {
      making = this.#write(key, schema, make).finally(() => this.#making.delete(key))
      this.#making.set(key, making)
    }
    return making
  }

  async #write<T>(key: string, schema: z.ZodType<T>, make: () => Promise<T>): Promise<string> {
    const made = schema.safeParse(await make())
    if (!made.success)
      throw new SluiceError('E_INTERNAL', { seen: 'an answer that is not as declared', cause: made.error })
    const text = JSON.stringify(made.data)
    this.#kept.set(key, text)
    return text
  }
}

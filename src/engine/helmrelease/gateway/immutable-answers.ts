import { LRUCache } from 'lru-cache'

/** An answer that never changes under its address. */
export interface ImmutableAnswer {
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly body: Buffer
}

/**
 * Parts of the API's schema that every run of helm reads: the server names them by a hash of their content, so they are
 * asked for once (helm itself forgets them with each run).
 */
export class ImmutableAnswers {
  readonly #answers = new LRUCache<string, ImmutableAnswer>({
    maxSize: 32 * 1024 * 1024,
    sizeCalculation: ({ body }) => body.length + 1024,
  })

  /** The key of a request whose answer may be kept; undefined for all others. */
  static keyOf(
    server: string,
    method: string,
    target: string,
    headers: Readonly<Record<string, string>>,
  ): string | undefined {
    if (method !== 'GET' || !/^\/openapi\/v3\/[^?]+\?(.*&)?hash=[0-9A-F]{32,}/.test(target)) return undefined
    return [server, target, headers['accept'], headers['accept-encoding']].join(' ')
  }

  get(key: string): ImmutableAnswer | undefined {
    return this.#answers.get(key)
  }

  set(key: string, answer: ImmutableAnswer): void {
    this.#answers.set(key, answer)
  }
}

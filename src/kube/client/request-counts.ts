/** So many requests to one server had an answer with this code; client-go's `rest_client_requests_total`. */
export interface RequestCount {
  /** Status of the answer, or `<error>` when there was none. */
  readonly code: string
  readonly method: string
  /** Host and port of the server. */
  readonly host: string
  readonly count: number
}

/** Counts the requests to one server. */
export class RequestCounts {
  readonly #host: string
  readonly #counts = new Map<string, Map<string, number>>()

  constructor(host: string) {
    this.#host = host
  }

  /** Counts a request by its answer, and passes the answer on. */
  async of<T extends { readonly statusCode: number }>(method: string, answer: Promise<T>): Promise<T> {
    try {
      const got = await answer
      this.#add(method, String(got.statusCode))
      return got
    } catch (error) {
      this.#add(method, '<error>')
      throw error
    }
  }

  list(): RequestCount[] {
    return [...this.#counts].flatMap(([method, codes]) =>
      [...codes].map(([code, count]) => ({ code, method, host: this.#host, count })),
    )
  }

  #add(method: string, code: string): void {
    let codes = this.#counts.get(method)
    if (codes === undefined) this.#counts.set(method, (codes = new Map()))
    codes.set(code, (codes.get(code) ?? 0) + 1)
  }
}

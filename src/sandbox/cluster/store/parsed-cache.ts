import type { ParsedHolder, StoredRecord } from './record.ts'

/**
 * Bounds how much text is held in parsed form as well: a parsed object takes several times the memory of its text.
 * First in, first out is enough; what is in use comes back at the price of one parse.
 */
export class ParsedCache implements ParsedHolder {
  readonly #limit: number
  #queue: StoredRecord[] = []
  #first = 0
  #characters = 0

  /** @param limit Characters of JSON whose parsed form may stay. */
  constructor(limit: number) {
    this.#limit = limit
  }

  add(record: StoredRecord): void {
    this.#queue.push(record)
    this.#characters += record.json.length
    while (this.#characters > this.#limit && this.#first < this.#queue.length - 1) {
      const oldest = this.#queue[this.#first++]!
      this.#characters -= oldest.json.length
      oldest.dropParsed()
    }
    if (this.#first > 4096 && this.#first > this.#queue.length / 2) {
      this.#queue = this.#queue.slice(this.#first)
      this.#first = 0
    }
  }
}

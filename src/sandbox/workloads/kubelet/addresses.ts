/** Gives pods addresses out of 10.244.0.0/16, one each as long as there are enough. */
export class PodAddresses {
  readonly #ownerOf = new Map<string, string>()
  readonly #addressOf = new Map<string, string>()
  #next = 2

  /** Takes in the address that a pod has already. */
  keep(uid: string, address: string): void {
    this.#ownerOf.set(address, uid)
    this.#addressOf.set(uid, address)
  }

  release(uid: string): void {
    const address = this.#addressOf.get(uid)
    if (address === undefined) return
    this.#addressOf.delete(uid)
    if (this.#ownerOf.get(address) === uid) this.#ownerOf.delete(address)
  }

  /** The address of a pod: always the same one until it is released. */
  of(uid: string): string {
    const known = this.#addressOf.get(uid)
    if (known !== undefined) return known
    for (let tries = 0; tries < 65_000; tries++) {
      const number = this.#next
      this.#next = number >= 65_533 ? 2 : number + 1
      const address = `10.244.${number >> 8}.${number & 255}`
      if (this.#ownerOf.has(address)) continue
      this.keep(uid, address)
      return address
    }
    // More pods than addresses: some share one, as nothing is ever sent to it.
    return '10.244.255.254'
  }
}

/** Bytes that are no protobuf message. */
export class ProtobufError extends Error {}

/** The value of a field on the wire; each getter reads it as one type and throws when it is of another. */
export class WireValue {
  readonly #wire: number
  readonly #bytes: Uint8Array
  readonly #number: bigint

  constructor(wire: number, bytes: Uint8Array, number: bigint) {
    this.#wire = wire
    this.#bytes = bytes
    this.#number = number
  }

  get bytes(): Uint8Array {
    if (this.#wire !== 2) throw new ProtobufError(`wrong wireType = ${this.#wire}`)
    return this.#bytes
  }

  get text(): string {
    return Buffer.from(this.bytes).toString('utf8')
  }

  /** A signed whole number, as int32 and int64 are written. */
  get number(): number {
    if (this.#wire !== 0) throw new ProtobufError(`wrong wireType = ${this.#wire}`)
    return Number(BigInt.asIntN(64, this.#number))
  }

  get double(): number {
    if (this.#wire !== 1) throw new ProtobufError(`wrong wireType = ${this.#wire}`)
    const view = new DataView(new ArrayBuffer(8))
    view.setBigUint64(0, this.#number, true)
    return view.getFloat64(0, true)
  }
}

/** Walks the fields of one message. */
export class ProtobufReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** Number and value of each field, in the order of the message. */
  *fields(): Generator<readonly [number, WireValue]> {
    while (this.#at < this.#bytes.length) {
      const tag = Number(this.#varint())
      const wire = tag & 7
      const number = tag >>> 3
      if (number === 0) throw new ProtobufError('illegal tag 0')
      if (wire === 0) yield [number, new WireValue(wire, noBytes, this.#varint())]
      else if (wire === 1) yield [number, new WireValue(wire, noBytes, this.#fixed(8))]
      else if (wire === 2) yield [number, new WireValue(wire, this.#take(Number(this.#varint())), 0n)]
      else if (wire === 5) yield [number, new WireValue(wire, noBytes, this.#fixed(4))]
      else throw new ProtobufError(`illegal wireType ${wire}`)
    }
  }

  #varint(): bigint {
    let result = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw new ProtobufError('unexpected EOF')
      result |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return BigInt.asUintN(64, result)
    }
    throw new ProtobufError('integer overflow')
  }

  #fixed(size: number): bigint {
    const bytes = this.#take(size)
    let result = 0n
    for (let i = size - 1; i >= 0; i--) result = (result << 8n) | BigInt(bytes[i]!)
    return result
  }

  #take(size: number): Uint8Array {
    if (size < 0 || this.#at + size > this.#bytes.length) throw new ProtobufError('unexpected EOF')
    const bytes = this.#bytes.subarray(this.#at, this.#at + size)
    this.#at += size
    return bytes
  }
}

const noBytes = new Uint8Array()

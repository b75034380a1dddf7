/** A packet line with a text, as gitprotocol-common(5) writes it. */
export function packet(text: string | Buffer): Buffer {
  const body = Buffer.from(text)
  return Buffer.concat([Buffer.from((body.length + 4).toString(16).padStart(4, '0')), body])
}

/** The flush packet. */
export const flush = Buffer.from('0000')

/** One packet of a buffer: its text, or undefined for a flush. */
export interface Packet {
  readonly body: Buffer | undefined
  /** Where the next packet starts. */
  readonly end: number
}

/** The packet at an offset; `partial` when more bytes must come, `broken` when it is none. */
export function packetAt(bytes: Buffer, at: number): Packet | 'partial' | 'broken' {
  if (bytes.length < at + 4) return 'partial'
  const head = bytes.toString('latin1', at, at + 4)
  if (!/^[0-9a-f]{4}$/i.test(head)) return 'broken'
  const length = Number.parseInt(head, 16)
  if (length < 4) return { body: undefined, end: at + 4 }
  if (bytes.length < at + length) return 'partial'
  return { body: bytes.subarray(at + 4, at + length), end: at + length }
}

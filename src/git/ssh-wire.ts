/** A string of the SSH wire format (RFC 4251 §5): its length in four bytes, then its bytes. */
export function sshString(value: string | Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(Buffer.byteLength(value))
  return Buffer.concat([length, Buffer.from(value)])
}

/** A positive number of any size (RFC 4251 §5 mpint): no zeros before it, one where the first bit would be a sign. */
export function sshNumber(bytes: Buffer): Buffer {
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start++
  const cut = bytes.subarray(start)
  return sshString((cut[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.of(0), cut]) : cut)
}

import { Failure } from '../failure.ts'

const alphabet = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'
const generator = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3]

/** Bytes as Bech32 (BIP 173) without its limit of length, as age writes its keys. */
export function encodeBech32(prefix: string, bytes: Uint8Array): string {
  const lower = prefix.toLowerCase()
  const values = regroup([...bytes], 8, 5, true)
  const text = `${lower}1${[...values, ...checksum(lower, values)].map(value => alphabet[value]).join('')}`
  return prefix === lower ? text : text.toUpperCase()
}

/** The bytes of a Bech32 text. Its content may be a secret, so no message shows it. @throws Failure */
export function decodeBech32(text: string): { readonly prefix: string; readonly bytes: Buffer } {
  if (text !== text.toLowerCase() && text !== text.toUpperCase()) throw malformed('mixes upper and lower case')
  const lower = text.toLowerCase()
  const cut = lower.lastIndexOf('1')
  if (cut < 1 || cut + 7 > lower.length || lower.length > 8192) throw malformed('has no separator or no checksum')
  const prefix = lower.slice(0, cut)
  const values = [...lower.slice(cut + 1)].map(char => alphabet.indexOf(char))
  if (values.includes(-1)) throw malformed('has a character that no such key has')
  if (polymod([...expanded(prefix), ...values]) !== 1)
    throw malformed('has a wrong checksum: it is cut off or misspelt')
  return { prefix: text.slice(0, cut), bytes: Buffer.from(regroup(values.slice(0, -6), 5, 8, false)) }
}

function malformed(why: string): Failure {
  return new Failure('E_SOPS_AGE_KEY', { seen: `a text that ${why}` })
}

function checksum(prefix: string, values: readonly number[]): number[] {
  const sum = polymod([...expanded(prefix), ...values, 0, 0, 0, 0, 0, 0]) ^ 1
  return [25, 20, 15, 10, 5, 0].map(shift => (sum >>> shift) & 31)
}

function expanded(prefix: string): number[] {
  const codes = [...prefix].map(char => char.charCodeAt(0))
  return [...codes.map(code => code >> 5), 0, ...codes.map(code => code & 31)]
}

function polymod(values: readonly number[]): number {
  let sum = 1
  for (const value of values) {
    const top = sum >>> 25
    sum = ((sum & 0x1ffffff) << 5) ^ value
    for (const [bit, term] of generator.entries()) if ((top >> bit) & 1) sum ^= term
  }
  return sum >>> 0
}

function regroup(values: readonly number[], from: number, to: number, pad: boolean): number[] {
  const out: number[] = []
  let held = 0
  let bits = 0
  for (const value of values) {
    held = ((held << from) | value) & 0xffff
    bits += from
    while (bits >= to) {
      bits -= to
      out.push((held >> bits) & ((1 << to) - 1))
    }
  }
  const rest = (held << (to - bits)) & ((1 << to) - 1)
  if (pad && bits > 0) out.push(rest)
  else if (!pad && (bits >= from || rest !== 0)) throw malformed('has bits left over')
  return out
}

import { randomInt } from 'node:crypto'

const alphabet = 'bcdfghjklmnpqrstvwxz2456789'
const suffixLength = 5
const longestName = 63

/** A name from `generateName`: five random characters without vowels, the base cut to fit 63 (apiserver `names.SimpleNameGenerator`). */
export function generatedName(base: string): string {
  let suffix = ''
  for (let i = 0; i < suffixLength; i++) suffix += alphabet[randomInt(alphabet.length)]
  return base.slice(0, longestName - suffixLength) + suffix
}

import { createHash, randomBytes } from 'node:crypto'

/** A random text of 256 bits that a person or browser holds. */
export function randomToken(): string {
  return randomBytes(32).toString('base64url')
}

/** A random id that is no secret: 96 bits. */
export function randomId(): string {
  return randomBytes(12).toString('base64url').replace(/[-_]/g, 'x')
}

/** What is kept of a random token: it needs no salt, because nobody can guess 256 bits. */
export function digest(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

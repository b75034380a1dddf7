import type { IncomingMessage } from 'node:http'
import { type Account, accountById } from './accounts.ts'
import type { Store } from './store.ts'
import { type Token, tokenByText } from './tokens.ts'

/** Who sends a request. `refused` means that a credential came and was wrong, expired or revoked: `why`. */
export type Caller =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'refused'; readonly why: 'unknown' | 'expired' | 'revoked' }
  | { readonly kind: 'known'; readonly user: Account; readonly token: Token }

/**
 * Reads the Authorization header: `Bearer T`, `token T`, or Basic with the token as password (any user name) or as
 * user name (empty password or `x-oauth-basic`), as GitHub does.
 */
export function identifyCaller(store: Store, request: IncomingMessage, now: Date): Caller {
  const header = request.headers.authorization
  // GitLab's own header.
  const own = request.headers['private-token']
  if (header === undefined && own === undefined) return { kind: 'anonymous' }
  let why: 'unknown' | 'expired' | 'revoked' = 'unknown'
  for (const text of typeof own === 'string' ? [own] : candidates(header ?? '')) {
    const token = tokenByText(store, text)
    if (!token) continue
    const ended = endOf(token, now)
    if (ended !== undefined) {
      why = ended
      continue
    }
    const user = accountById(store, token.account)
    if (user) return { kind: 'known', user, token }
  }
  return { kind: 'refused', why }
}

function endOf(token: Token, now: Date): 'expired' | 'revoked' | undefined {
  if (token.revokedAt !== undefined) return 'revoked'
  return token.expiresAt !== undefined && Date.parse(token.expiresAt) <= now.getTime() ? 'expired' : undefined
}

function candidates(header: string): string[] {
  const space = header.indexOf(' ')
  const scheme = header.slice(0, space).toLowerCase()
  const value = header.slice(space + 1).trim()
  if (scheme === 'bearer' || scheme === 'token') return [value]
  if (scheme !== 'basic') return []
  const text = Buffer.from(value, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon < 0) return [text]
  return [text.slice(colon + 1), text.slice(0, colon)].filter(part => part !== '' && part !== 'x-oauth-basic')
}

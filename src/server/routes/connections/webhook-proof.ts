import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Secret } from '../../../secrets/secret.ts'

/** What a call of a webhook proves; all but `proven` are refused. */
export const callVerdicts = ['proven', 'unsigned', 'weak', 'wrong', 'no-secret'] as const
export type CallVerdict = (typeof callVerdicts)[number]

/**
 * What a call carries as the proof of a host that knows the secret: an HMAC of the body, or, as GitLab does it, the secret.
 * `secret` is undefined where none is set.
 */
export function judgeCall(
  header: (name: string) => string | undefined,
  body: Buffer,
  secret: Secret | undefined,
): CallVerdict {
  if (secret === undefined) return 'no-secret'
  const hub = header('x-hub-signature-256') ?? header('x-hub-signature')
  const signature = /^sha256=([0-9a-f]{64})$/.exec(hub ?? '')?.[1]
  const gitea = /^[0-9a-f]{64}$/.exec(header('x-gitea-signature') ?? '')?.[0]
  const digits = signature ?? gitea
  if (digits !== undefined) {
    const wanted = createHmac('sha256', secret.reveal()).update(body).digest()
    return timingSafeEqual(Buffer.from(digits, 'hex'), wanted) ? 'proven' : 'wrong'
  }
  const token = header('x-gitlab-token')
  if (token === undefined) return hub === undefined ? 'unsigned' : hub.startsWith('sha1=') ? 'weak' : 'wrong'
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(token), digest(secret.reveal())) ? 'proven' : 'wrong'
}

/** The event as the host names it; `unknown` for anything that is no such name. */
export function eventOf(header: (name: string) => string | undefined): string {
  const names = ['x-github-event', 'x-gitea-event', 'x-gitlab-event', 'x-event-key']
  const text = names.map(header).find(one => one !== undefined) ?? ''
  return /^[A-Za-z][\w:. -]{0,59}$/.test(text) ? text : 'unknown'
}

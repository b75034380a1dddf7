import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Secret } from '../../../secrets/secret.ts'

/** Whether a call carries the proof of a host that knows the secret: an HMAC of the body, or, as GitLab does it, the secret. */
export function provesItself(header: (name: string) => string | undefined, body: Buffer, secret: Secret): boolean {
  const hub = /^sha256=([0-9a-f]{64})$/.exec(header('x-hub-signature-256') ?? header('x-hub-signature') ?? '')?.[1]
  const gitea = /^[0-9a-f]{64}$/.exec(header('x-gitea-signature') ?? '')?.[0]
  const digits = hub ?? gitea
  if (digits !== undefined) {
    const wanted = createHmac('sha256', secret.reveal()).update(body).digest()
    return timingSafeEqual(Buffer.from(digits, 'hex'), wanted)
  }
  const token = header('x-gitlab-token')
  if (token === undefined) return false
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(token), digest(secret.reveal()))
}

import { createHash } from 'node:crypto'
import type { Secret } from '../../secrets/secret.ts'

/** Where the webhook of a Receiver is: made of its token, name and namespace, as Flux makes it. */
export function webhookPath(token: Secret | undefined, name: string, namespace: string): string {
  const digest = createHash('sha256')
    .update((token?.reveal() ?? '') + name + namespace)
    .digest('hex')
  return `/hook/${digest}`
}

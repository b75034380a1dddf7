import type { WebhookView } from '../../../../src/server/contract/connections.ts'
import type { State } from '../../ui/state.tsx'

/** How the webhook of a connection stands, and what that means. */
export function webhookVerdict({ secret, verified, refused, registered }: WebhookView): {
  readonly state: State
  readonly words: string
} {
  const lastRefused = refused !== undefined && (verified === undefined || refused.at > verified.at)
  if (lastRefused) return { state: 'broken', words: `The last delivery was refused: ${refused.why}. ${refused.next}` }
  if (secret === undefined)
    return {
      state: 'paused',
      words:
        'No webhook: Sluice looks at the repository every 30 seconds. With one it looks as soon as something is pushed.',
    }
  if (registered?.outdated === true)
    return {
      state: 'attention',
      words:
        'The secret was made anew, and the host has the one before: add the webhook again, or give the host the new one.',
    }
  if (verified === undefined)
    return {
      state: 'attention',
      words: 'No delivery has come yet. Sluice looks at the repository every 30 seconds until one does.',
    }
  return { state: 'agreed', words: 'The last delivery was verified. Sluice looks as soon as something is pushed.' }
}

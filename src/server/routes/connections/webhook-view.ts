import type { Connection } from '../../../connections/index.ts'
import { forgeCapabilities } from '../../../forges/index.ts'
import { type ConnectionWebhooksTable, findWebhook } from '../../../store/tables/connection-webhooks.ts'
import type { ServerContext } from '../../context.ts'
import type { WebhookView } from '../../contract/connections.ts'
import { isLoopback } from '../../http/origin.ts'
import { repositoryName, webhookAddress } from './webhook-place.ts'
import { type CallVerdict, callVerdicts } from './webhook-proof.ts'
import { hasSecret } from './webhook-secret.ts'
import { byHand, pushEvents } from './webhook-words.ts'

const refusals: Readonly<Record<Exclude<CallVerdict, 'proven'>, { readonly why: string; readonly next: string }>> = {
  unsigned: {
    why: 'it carries no signature: the host has no secret for this webhook',
    next: 'Give the host the secret; make a new one where nobody knows it any more.',
  },
  weak: {
    why: 'it is signed with SHA-1 only, which proves too little',
    next: 'Let the host sign with SHA-256.',
  },
  wrong: {
    why: 'its signature was made with another secret',
    next: 'Give the host the secret that was made last, or make a new one.',
  },
  'no-secret': {
    why: 'no secret was made here, so nothing can prove itself',
    next: 'Make the secret and give it to the host, or let Sluice add the webhook.',
  },
}

/** What is known of the webhook of a connection without asking the host. */
export async function webhookView(context: ServerContext, connection: Connection): Promise<WebhookView> {
  const { id, kind } = connection
  const [row, isMade] = await Promise.all([findWebhook(context.store.db, id), hasSecret(context, id)])
  const address = webhookAddress(context, id)
  const { hostname, protocol } = new URL(address)
  const local = isLoopback(hostname.replace(/^\[|\]$/g, ''))
  const repository = repositoryName(context, connection)
  return {
    address,
    local,
    plain: protocol === 'http:' && !local,
    events: pushEvents[kind],
    ...(repository === undefined ? {} : { repository }),
    canRegister: forgeCapabilities[kind].webhooks,
    byHand: [...byHand[kind]],
    ...(isMade ? { secret: madeOf(row) } : {}),
    ...registeredOf(row),
    ...deliveriesOf(row),
  }
}

function madeOf(row: ConnectionWebhooksTable | undefined): NonNullable<WebhookView['secret']> {
  const { made_at: at, made_by: by } = row ?? {}
  return { ...(at ? { madeAt: at } : {}), ...(by ? { madeBy: by } : {}) }
}

function registeredOf(row: ConnectionWebhooksTable | undefined): Pick<WebhookView, 'registered'> {
  if (!row?.registered_at || !row.registered_by || !row.registered_in) return {}
  const outdated = row.made_at !== null && row.made_at > row.registered_at
  return { registered: { at: row.registered_at, by: row.registered_by, repository: row.registered_in, outdated } }
}

function deliveriesOf(row: ConnectionWebhooksTable | undefined): Pick<WebhookView, 'verified' | 'refused'> {
  const verdict = callVerdicts.find(one => one === row?.refused_why)
  return {
    ...(row?.verified_at ? { verified: { at: row.verified_at, event: row.verified_event ?? 'unknown' } } : {}),
    ...(row?.refused_at && verdict !== undefined && verdict !== 'proven'
      ? { refused: { at: row.refused_at, event: row.refused_event ?? 'unknown', ...refusals[verdict] } }
      : {}),
  }
}

import { createHmac } from 'node:crypto'
import type { Secret } from '../../../secrets/secret.ts'
import type { FluxEvent } from '../event.ts'
import { addressOf, derived } from './parts.ts'
import { type Deliver, DeliveryFailure, type ProviderConfig } from './types.ts'

/** The event itself as JSON, to any address. */
export const generic: Deliver = async (event, provider, send) => {
  await send({ url: addressOf(provider, 'hook'), headers: headersOf(event, provider), body: JSON.stringify(event) })
}

/** The same, signed: `X-Signature: sha256=<hex>` over the body, with the token as the key. */
export const genericHmac: Deliver = async (event, provider, send) => {
  const { token } = provider
  if (token === undefined || token.isEmpty) throw new DeliveryFailure('HMAC key is empty')
  const body = JSON.stringify(event)
  const signature = createHmac('sha256', token.reveal()).update(body).digest('hex')
  const headers = { ...headersOf(event, provider), 'x-signature': `sha256=${signature}` }
  await send({ url: addressOf(provider, 'hook'), headers, body })
}

function headersOf(event: FluxEvent, provider: ProviderConfig): Record<string, string | Secret> {
  const own: Record<string, string | Secret> = {
    'content-type': 'application/json',
    'gotk-component': event.reportingController,
  }
  for (const [name, value] of provider.headers) own[name] = derived(value, text => text)
  return own
}

import { isObject } from '../../../base/json.ts'
import type { FluxEvent } from '../event.ts'
import { addressOf, bearer, derived, metadataOf, objectTitle } from './parts.ts'
import { type Deliver, DeliveryFailure } from './types.ts'

/** Slack: an incoming webhook, or `chat.postMessage` of its API with a bot's token. */
export const slack: Deliver = async (event, provider, send) => {
  const { body } = await send({
    url: addressOf(provider, 'Slack hook'),
    headers: bearer(provider.token),
    body: message(event, provider.username || event.reportingController, provider.channel, {
      info: 'good',
      error: 'danger',
    }),
  })
  // The API answers 200 to a message that it did not take; an incoming webhook answers in plain text.
  if (isObject(body) && body['ok'] === false) {
    const code = String(body['error'] ?? '')
    throw new DeliveryFailure(
      `Slack responded with error: ${/^[a-z_]{1,60}$/.test(code) ? code : 'without a known code'}`,
    )
  }
}

/** Discord, through its endpoint for messages in Slack's form. */
export const discord: Deliver = async (event, provider, send) => {
  const address = addressOf(provider, 'Discord hook')
  const url = derived(address, text => {
    const parsed = new URL(text)
    if (!parsed.pathname.endsWith('/slack')) parsed.pathname = `${parsed.pathname.replace(/\/+$/, '')}/slack`
    return parsed.href
  })
  const body = message(event, provider.username || event.reportingController, '', { info: 'good', error: 'danger' })
  await send({ url, body })
}

export const rocket: Deliver = async (event, provider, send) => {
  const body = message(event, provider.username, provider.channel, { info: '#0076D7', error: '#FF0000' })
  await send({ url: addressOf(provider, 'Rocket hook'), body })
}

function message(
  event: FluxEvent,
  username: string,
  channel: string,
  colors: { readonly info: string; readonly error: string },
): object {
  const attachment = {
    color: event.severity === 'error' ? colors.error : colors.info,
    author_name: objectTitle(event),
    text: event.message,
    mrkdwn_in: ['text'],
    fields: metadataOf(event).map(([title, value]) => ({ title, value, short: false })),
  }
  return { channel, username, icon_url: '', icon_emoji: '', attachments: [attachment] }
}

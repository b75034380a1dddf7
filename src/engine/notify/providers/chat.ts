import { createHash } from 'node:crypto'
import { addressOf, basic, bearer, derived, markdownOf, metadataOf, objectTitle, tokenOf } from './parts.ts'
import { type Deliver, DeliveryFailure } from './types.ts'

/** Google Chat: a card. */
export const googleChat: Deliver = async (event, provider, send) => {
  const text = event.severity === 'error' ? `<font color="#ff0000">${event.message}</font>` : event.message
  const facts = metadataOf(event).map(([topLabel, content]) => ({
    textParagraph: null,
    keyValue: { topLabel, content, contentMultiline: false, bottomLabel: null, icon: null },
  }))
  const sections = [
    { header: '', widgets: [{ textParagraph: { text }, keyValue: null }] },
    ...(facts.length === 0 ? [] : [{ header: '', widgets: facts }]),
  ]
  const header = { title: objectTitle(event), subtitle: event.reportingController, imageUrl: null, imageStyle: null }
  await send({ url: addressOf(provider, 'Google Chat hook'), body: { cards: [{ header, sections }] } })
}

/** Webex: a message of a bot to a room. */
export const webex: Deliver = async (event, provider, send) => {
  const mark = event.severity === 'error' ? '💣' : '✅'
  const facts = metadataOf(event).map(([key, value]) => `>**${key}**: ${value}\n`)
  const markdown = `${mark} **${objectTitle(event)}**\n${event.message}\n${facts.join('')}`
  await send({
    url: addressOf(provider, 'Webex hook'),
    headers: bearer(provider.token),
    body: { ...(provider.channel === '' ? {} : { roomId: provider.channel }), markdown },
  })
}

/** Characters that Telegram's MarkdownV2 gives a meaning. */
const telegramSyntax = /[\\.\-_[\]()~>`#+=|{}!*]/g

/** Telegram: a message of a bot. The address is Telegram's own unless one is given. */
export const telegram: Deliver = async (event, provider, send) => {
  if (provider.channel === '') throw new DeliveryFailure('empty Telegram channel')
  const token = tokenOf(provider, 'Telegram token')
  const base = provider.address === undefined ? 'https://api.telegram.org' : addressOf(provider, 'Telegram').reveal()
  const escaped = (text: string) => text.replace(telegramSyntax, '\\$&')
  const { kind, name, namespace } = event.involvedObject
  const heading = `${event.severity === 'error' ? '🚨' : '💫'} ${kind.toLowerCase()}/${name}/${namespace}`
  const facts = metadataOf(event).map(([key, value]) => `\\- *${escaped(key)}*: ${escaped(value)}\n`)
  const [chat, ...thread] = provider.channel.split(':')
  await send({
    url: derived(
      token,
      text => `${base.replace(/\/+$/, '')}/bot${encodeURIComponent(text).replaceAll('%3A', ':')}/sendMessage`,
    ),
    body: {
      chat_id: chat,
      ...(thread.length === 0 ? {} : { message_thread_id: thread.join(':') }),
      text: `*${escaped(heading)}*\n${escaped(event.message)}\n${facts.join('')}`,
      parse_mode: 'MarkdownV2',
    },
  })
}

/** Lark: an interactive card. */
export const lark: Deliver = async (event, provider, send) => {
  const failed = event.severity === 'error'
  const facts = metadataOf(event).map(([key, value]) => `${key}: ${value}\n`)
  const content = `${failed ? '🚨' : '💫'} ${objectTitle(event)}`
  const card = {
    config: { wide_screen_mode: true },
    header: { title: { tag: 'plain_text', content }, template: failed ? 'red' : 'turquoise' },
    elements: [{ tag: 'div', text: { tag: 'lark_md', content: `**${event.message}**\n\n${facts.join('')}` } }],
  }
  await send({ url: addressOf(provider, 'Lark hook'), body: { msg_type: 'interactive', card } })
}

/** Matrix: a text in a room. The transaction id is made of the event, so that a repeat is no second message. */
export const matrix: Deliver = async (event, provider, send) => {
  const facts = metadataOf(event).map(([key, value]) => `- ${key}: ${value}\n`)
  const heading = `${event.severity === 'error' ? '🚨' : '💫'} ${objectTitle(event)}`
  const id = createHash('sha256').update(JSON.stringify(event)).digest('hex')
  const room = encodeURIComponent(provider.channel)
  const server = addressOf(provider, 'Matrix homeserver')
  await send({
    method: 'PUT',
    url: `${server.reveal().replace(/\/+$/, '')}/_matrix/client/r0/rooms/${room}/send/m.room.message/${id}`,
    headers: bearer(provider.token),
    body: { body: `${heading}\n${event.message}\n${facts.join('')}`, msgtype: 'm.text' },
  })
}

/** Zulip: a message to a topic of a channel. */
export const zulip: Deliver = async (event, provider, send) => {
  const cut = provider.channel.indexOf('/')
  const [to, topic] = [provider.channel.slice(0, Math.max(0, cut)), provider.channel.slice(cut + 1)]
  if (to === '' || topic === '') {
    throw new DeliveryFailure(
      `invalid Zulip channel format, expected <channel>/<topic>, got '${provider.channel.slice(0, 100)}'`,
    )
  }
  const form = new URLSearchParams({ type: 'stream', to, topic, content: markdownOf(event) })
  await send({
    url: new URL('/api/v1/messages', addressOf(provider, 'Zulip endpoint').reveal()).href,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...basic(provider.username, provider.password) },
    body: form.toString(),
  })
}

/** Zoom Team Chat: a rich message of an incoming webhook, with its token bare in the header. */
export const zoom: Deliver = async (event, provider, send) => {
  const token = tokenOf(provider, 'Zoom verification token')
  const url = derived(addressOf(provider, 'Zoom incoming webhook'), text => {
    const parsed = new URL(text)
    if (!parsed.searchParams.get('format')) parsed.searchParams.set('format', 'full')
    return parsed.href
  })
  const items = metadataOf(event).map(([key, value]) => ({ key, value }))
  const body = [{ type: 'message', text: event.message }, ...(items.length === 0 ? [] : [{ type: 'fields', items }])]
  const head = { text: objectTitle(event), sub_head: { text: event.severity } }
  await send({ url, headers: { authorization: token }, body: { content: { head, body } } })
}

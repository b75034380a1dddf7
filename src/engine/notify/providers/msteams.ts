import type { FluxEvent } from '../event.ts'
import { addressOf, metadataOf, objectTitle, urlOf } from './parts.ts'
import type { Deliver } from './types.ts'

/** Microsoft Teams: an adaptive card for workflows, a message card for the connectors of old. */
export const msteams: Deliver = async (event, provider, send) => {
  const url = addressOf(provider, 'MS Teams webhook')
  const connector = urlOf(url, 'MS Teams webhook').hostname.endsWith('.webhook.office.com')
  await send({ url, body: connector ? messageCard(event) : adaptiveCard(event) })
}

function adaptiveCard(event: FluxEvent): object {
  const summary = event.metadata?.['summary']
  const facts = metadataOf(event)
    .filter(([key]) => key !== 'summary')
    .map(([title, value]) => ({ title, value }))
  if (summary !== undefined) facts.unshift({ title: 'summary', value: summary })
  const items = [
    { type: 'TextBlock', text: objectTitle(event), size: 'large', weight: 'bolder', wrap: true },
    {
      type: 'TextBlock',
      text: event.message,
      ...(event.severity === 'error' ? { color: 'attention' } : {}),
      wrap: true,
    },
    { type: 'FactSet', ...(facts.length === 0 ? {} : { facts }) },
  ]
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    // Teams takes no later version.
    version: '1.4',
    body: [{ type: 'Container', items }],
    msteams: { width: 'Full' },
  }
  return { type: 'message', attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }] }
}

function messageCard(event: FluxEvent): object {
  const title = objectTitle(event)
  return {
    '@type': 'MessageCard',
    '@context': 'http://schema.org/extensions',
    themeColor: event.severity === 'error' ? 'FF0000' : '0076D7',
    summary: title,
    sections: [
      {
        activityTitle: event.message,
        activitySubtitle: title,
        facts: metadataOf(event).map(([name, value]) => ({ name, value })),
      },
    ],
  }
}

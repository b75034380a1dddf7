import { defineKind, type ObjectOf } from '../kind.ts'
import { flag, list, object, oneOf, text, textMap } from '../schema.ts'
import { manyReference } from './notification-shared.ts'
import { localReference } from './shared.ts'

/** Alert `notification.toolkit.fluxcd.io/v1beta3`: which events go to which provider. */
export const alertKind = defineKind({
  group: 'notification.toolkit.fluxcd.io',
  version: 'v1beta3',
  kind: 'Alert',
  plural: 'alerts',
  categories: ['all', 'fluxcd', 'fluxcd-notifications'],
  annotations: { 'kustomize.toolkit.fluxcd.io/substitute': 'disabled' },
  description: 'Which events are sent to which provider.',
  columns: [{ name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }],
  spec: object(
    'What is sent, and where to.',
    {
      eventMetadata: textMap('Added to the metadata of each event.'),
      eventSeverity: oneOf('`error` sends errors only; `info` sends all.', ['info', 'error'], { default: 'info' }),
      eventSources: list('Objects whose events are sent.', manyReference('One object, or all of a kind.')),
      exclusionList: list('Go regular expressions; a message that matches one is not sent.', text('An expression.')),
      inclusionList: list('Go regular expressions; only messages that match one are sent.', text('An expression.')),
      providerRef: localReference('The Provider to send to.'),
      summary: text('A short text beside each event; deprecated, use eventMetadata.summary.', { maxLength: 255 }),
      suspend: flag('Send nothing.'),
    },
    ['eventSources', 'providerRef'],
  ),
})

/** An Alert as the API holds it. */
export type Alert = ObjectOf<typeof alertKind>

import { defineKind, type ObjectOf } from '../kind.ts'
import { flag, object, oneOf, text } from '../schema.ts'
import { duration, durationBelowHours, localReference } from './shared.ts'

/** Provider `notification.toolkit.fluxcd.io/v1beta3`: where events are sent, and how. */
export const providerKind = defineKind({
  group: 'notification.toolkit.fluxcd.io',
  version: 'v1beta3',
  kind: 'Provider',
  plural: 'providers',
  categories: ['all', 'fluxcd', 'fluxcd-notifications'],
  annotations: { 'kustomize.toolkit.fluxcd.io/substitute': 'disabled' },
  description: 'A system that events are sent to.',
  columns: [{ name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }],
  spec: object(
    'The system, and how to reach it.',
    {
      address: text('Where to send to; `address` of the Secret wins.', { maxLength: 2048 }),
      certSecretRef: localReference('Secret with `ca.crt`, and `tls.crt` and `tls.key` for a client certificate.'),
      channel: text('Channel, room or chat to write to.', { maxLength: 2048 }),
      commitStatusExpr: text('CEL expression over event, alert and provider that names the commit status.'),
      interval: text('Not used; kept for old objects.', { pattern: duration }),
      proxy: text('Address of a proxy; deprecated, use proxySecretRef.', {
        maxLength: 2048,
        pattern: '^(http|https)://.*$',
      }),
      proxySecretRef: localReference('Secret with `address` and, if needed, `username` and `password` of a proxy.'),
      secretRef: localReference('Secret with `address`, `token`, `username`, `password` or `headers`.'),
      serviceAccountName: text('Service account whose cloud identity is used.'),
      suspend: flag('Send nothing.'),
      timeout: text('How long one request may take; 15s when absent.', { pattern: durationBelowHours }),
      type: oneOf('The kind of system.', [
        'slack',
        'discord',
        'msteams',
        'rocket',
        'generic',
        'generic-hmac',
        'github',
        'gitlab',
        'gitea',
        'giteapullrequestcomment',
        'bitbucketserver',
        'bitbucket',
        'azuredevops',
        'googlechat',
        'googlepubsub',
        'webex',
        'sentry',
        'azureeventhub',
        'telegram',
        'lark',
        'matrix',
        'opsgenie',
        'alertmanager',
        'grafana',
        'githubdispatch',
        'githubpullrequestcomment',
        'gitlabmergerequestcomment',
        'pagerduty',
        'datadog',
        'nats',
        'zulip',
        'otel',
        'zoom',
        'incident.io',
      ]),
      username: text('Name that the messages are written under.', { maxLength: 2048 }),
    },
    ['type'],
    {
      'x-kubernetes-validations': [
        {
          rule: "self.type == 'github' || self.type == 'gitlab' || self.type == 'gitea' || self.type == 'bitbucketserver' || self.type == 'bitbucket' || self.type == 'azuredevops' || !has(self.commitStatusExpr)",
          message:
            "spec.commitStatusExpr is only supported for the 'github', 'gitlab', 'gitea', 'bitbucketserver', 'bitbucket', 'azuredevops' provider types",
        },
      ],
    },
  ),
})

/** A Provider as the API holds it. */
export type Provider = ObjectOf<typeof providerKind>
export type ProviderType = Provider['spec']['type']

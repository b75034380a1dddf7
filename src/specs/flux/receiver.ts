import { defineKind, type ObjectOf } from '../kind.ts'
import { flag, integer, list, object, oneOf, text } from '../schema.ts'
import { manyReferenceFields } from './notification-shared.ts'
import { conditions, duration, localReference, readyColumns } from './shared.ts'

const oidcProvider = object(
  'One issuer of tokens.',
  {
    audience: text('Audience that tokens must have; `notification-controller` when absent.'),
    issuerURL: text('URL of the issuer.', { pattern: '^https?://' }),
    validations: list(
      'Expressions that must all be true.',
      object(
        'One rule.',
        { expression: text('CEL expression over claims and vars.'), message: text('What is said when it is false.') },
        ['expression', 'message'],
      ),
      { minItems: 1 },
    ),
    variables: list(
      'Named expressions for the validations.',
      object('One variable.', { expression: text('CEL expression over claims.'), name: text('Its name.') }, [
        'expression',
        'name',
      ]),
    ),
  },
  ['issuerURL', 'validations'],
)

/** Receiver `notification.toolkit.fluxcd.io/v1`: a webhook that asks for reconciles. */
export const receiverKind = defineKind({
  group: 'notification.toolkit.fluxcd.io',
  version: 'v1',
  kind: 'Receiver',
  plural: 'receivers',
  categories: ['all', 'fluxcd', 'fluxcd-notifications'],
  annotations: { 'kustomize.toolkit.fluxcd.io/substitute': 'disabled' },
  description: 'A webhook that asks for reconciles.',
  columns: [...readyColumns],
  spec: object(
    'Who may call, and what is reconciled then.',
    {
      events: list('Events that are accepted; all when empty.', text('A name of an event.')),
      interval: text('How often the Secret is read again.', { default: '10m', pattern: duration }),
      oidcProviders: list('Issuers of tokens, for the type generic-oidc.', oidcProvider, {
        'x-kubernetes-list-map-keys': ['issuerURL'],
        'x-kubernetes-list-type': 'map',
      }),
      resourceFilter: text('CEL expression over res and req: only objects for which it is true are reconciled.'),
      resources: list(
        'Objects to reconcile.',
        object(
          'One object, or all of a kind.',
          { ...manyReferenceFields, filter: text('CEL expression like resourceFilter, for this entry alone.') },
          ['kind', 'name'],
        ),
      ),
      secretRef: localReference('Secret with `token`.'),
      suspend: flag('Refuse all calls.'),
      type: oneOf('Who calls.', [
        'generic',
        'generic-hmac',
        'generic-oidc',
        'github',
        'gitlab',
        'bitbucket',
        'harbor',
        'dockerhub',
        'quay',
        'gcr',
        'nexus',
        'acr',
        'cdevents',
      ]),
    },
    ['resources', 'type'],
    {
      'x-kubernetes-validations': [
        {
          rule: "self.type != 'generic-oidc' || (has(self.oidcProviders) && size(self.oidcProviders) > 0)",
          message: 'generic-oidc receivers must define at least one oidcProvider',
        },
        {
          rule: "self.type == 'generic-oidc' || !has(self.oidcProviders) || size(self.oidcProviders) == 0",
          message: 'oidcProviders can only be set when type is generic-oidc',
        },
        {
          rule: "self.type != 'generic-oidc' || !has(self.secretRef)",
          message: 'secretRef cannot be set when type is generic-oidc',
        },
        {
          rule: "self.type == 'generic-oidc' || has(self.secretRef)",
          message: 'secretRef is required when type is not generic-oidc',
        },
      ],
    },
  ),
  status: object(
    'Where the webhook is.',
    {
      conditions,
      lastHandledReconcileAt: text('The last `reconcile.fluxcd.io/requestedAt` that was acted on.'),
      observedGeneration: integer('The generation that was handled last.', { format: 'int64' }),
      webhookPath: text('Path of the webhook, `/hook/<digest of token, name and namespace>`.'),
    },
    [],
    { default: { observedGeneration: -1 } },
  ),
})

/** A Receiver as the API holds it. */
export type Receiver = ObjectOf<typeof receiverKind>

import { integer, list, object, oneOf, text, textMap } from '../schema.ts'

/** Pattern of Flux's durations: Go's, without signs and without units below a millisecond. */
export const duration = '^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$'
/** The same without hours: timeouts of sources refuse them. */
export const durationBelowHours = '^([0-9]+(\\.[0-9]+)?(ms|s|m))+$'

/** A name of an object in the same namespace. */
export const localReference = (description: string) =>
  object(description, { name: text('Name of the object, in the same namespace.') }, ['name'])

/** metav1.Condition, as Flux's kinds carry it. */
export const conditions = list(
  'What is true of the object now.',
  object(
    'One condition.',
    {
      lastTransitionTime: text('When the status last changed.', { format: 'date-time' }),
      message: text('Details for people.', { maxLength: 32768 }),
      observedGeneration: integer('The generation that the condition is about.', { format: 'int64', minimum: 0 }),
      reason: text('Why, in one CamelCase word.', {
        maxLength: 1024,
        minLength: 1,
        pattern: '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$',
      }),
      status: oneOf('Whether it holds.', ['True', 'False', 'Unknown']),
      type: text('What the condition is about.', {
        maxLength: 316,
        pattern:
          '^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$',
      }),
    },
    ['lastTransitionTime', 'message', 'reason', 'status', 'type'],
  ),
)

/** What a source has fetched and offers. */
export const artifact = object(
  'The content that was fetched last.',
  {
    digest: text('Digest of the content, `algorithm:value`.', {
      pattern: '^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$',
    }),
    lastUpdateTime: text('When the content was stored.', { format: 'date-time' }),
    metadata: textMap('Annotations of the upstream artifact.'),
    path: text('Path in the store of sources.'),
    revision: text('Where the content is from, e.g. `main@sha1:<commit>`.'),
    size: integer('Bytes.', { format: 'int64' }),
    url: text('Address from which the content can be read inside the cluster.'),
  },
  ['digest', 'lastUpdateTime', 'path', 'revision', 'url'],
)

/** Which objects a patch or rule is for, as kustomize selects them. */
export const selector = object('Which objects it is for; an absent field matches all.', {
  annotationSelector: text('Label selector syntax over annotations.'),
  group: text('API group.'),
  kind: text('Kind, an anchored regular expression.'),
  labelSelector: text('Label selector.'),
  name: text('Name, an anchored regular expression.'),
  namespace: text('Namespace, an anchored regular expression.'),
  version: text('API version.'),
})

/** Columns that Flux's kinds show, after those of their own. */
export const readyColumns = [
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
  { name: 'Status', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].message' },
] as const

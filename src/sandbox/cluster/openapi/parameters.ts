import type { Dialect, SchemaObject } from './components.ts'

/** A parameter before it is written in a dialect. */
export interface Parameter {
  readonly name: string
  readonly in: 'query' | 'path'
  readonly type: 'string' | 'boolean' | 'integer'
  readonly description: string
}

const query = (name: string, type: Parameter['type'], description: string): Parameter => ({
  name,
  in: 'query',
  type,
  description,
})

const path = (name: string, description: string): Parameter => ({ name, in: 'path', type: 'string', description })

export const nameParameter = path('name', 'The name of the object.')
export const namespaceParameter = path('namespace', 'The namespace of the object.')

const dryRun = query('dryRun', 'string', 'With `All`, every stage is processed and nothing is kept.')
const fieldManager = query('fieldManager', 'string', 'The name of the actor that makes the change.')
const fieldValidation = query(
  'fieldValidation',
  'string',
  'What happens to unknown and duplicate fields: `Ignore`, `Warn` (the default) or `Strict`.',
)
const pretty = query('pretty', 'string', 'With `true` the output is laid out for people.')

/** Query parameters by the kind of request. kubectl looks for `fieldValidation` and `dryRun` before it uses them. */
export const parametersOf: Readonly<Record<string, readonly Parameter[]>> = {
  get: [pretty],
  list: [
    pretty,
    query('allowWatchBookmarks', 'boolean', 'Whether a watch may send bookmarks.'),
    query('continue', 'string', 'The token of the next page.'),
    query('fieldSelector', 'string', 'A selector on fields.'),
    query('labelSelector', 'string', 'A selector on labels.'),
    query('limit', 'integer', 'The most objects on a page.'),
    query('resourceVersion', 'string', 'The version of the state that is wanted.'),
    query('resourceVersionMatch', 'string', 'How `resourceVersion` is meant.'),
    query('sendInitialEvents', 'boolean', 'Whether a watch begins with what is there.'),
    query('timeoutSeconds', 'integer', 'How long a call may take.'),
    query('watch', 'boolean', 'Whether changes are streamed.'),
  ],
  post: [pretty, dryRun, fieldManager, fieldValidation],
  put: [pretty, dryRun, fieldManager, fieldValidation],
  patch: [
    pretty,
    dryRun,
    fieldManager,
    fieldValidation,
    query('force', 'boolean', 'Whether an apply takes over fields of other managers.'),
  ],
  delete: [
    pretty,
    dryRun,
    query('gracePeriodSeconds', 'integer', 'How long the object may take to go.'),
    query('orphanDependents', 'boolean', 'Deprecated: use propagationPolicy.'),
    query('propagationPolicy', 'string', 'What happens to dependents: `Orphan`, `Background` or `Foreground`.'),
  ],
}

/** A parameter in the form of a dialect. */
export function writeParameter(parameter: Parameter, dialect: Dialect): SchemaObject {
  const { name, type, description } = parameter
  const required = parameter.in === 'path' ? { required: true } : {}
  return dialect === 'v2'
    ? { uniqueItems: true, type, description, name, in: parameter.in, ...required }
    : { name, in: parameter.in, description, ...required, schema: { type, uniqueItems: true } }
}

import { notAcceptable } from './status.ts'

/** The form that a client wants an answer in. */
export interface Representation {
  readonly as: 'object' | 'table' | 'partial'
  readonly format: 'json' | 'yaml'
}

const plain: Representation = { as: 'object', format: 'json' }

/** What the server can produce, as a 406 lists it. */
const offered = 'application/json, application/yaml'

/**
 * Picks the first acceptable form of an Accept header. Protobuf is not offered: clients that prefer it name JSON as well
 * and get that.
 * @param typeName The Go type of what is asked for, which one message names.
 */
export function negotiate(accept: string | undefined, list: boolean, typeName = ''): Representation {
  if (accept === undefined || accept === '' || accept === 'application/json' || accept === '*/*') return plain
  const clauses = accept.split(',')
  for (const clause of clauses) {
    const [type = '', ...parameters] = clause.split(';').map(part => part.trim())
    const format = formatOf(type)
    if (!format) continue
    const values = new Map(parameters.map(parameter => splitOnce(parameter)))
    const as = values.get('as')
    if (as === undefined) return { as: 'object', format }
    if (values.get('g') !== 'meta.k8s.io' || values.get('v') !== 'v1') continue
    if (as === 'Table') return { as: 'table', format }
    if (as === (list ? 'PartialObjectMetadataList' : 'PartialObjectMetadata')) return { as: 'partial', format }
    if (as === 'PartialObjectMetadata' && clauses.length === 1) {
      throw notAcceptable(`you requested PartialObjectMetadata, but the requested object is a list (${typeName})`)
    }
    if (as === 'PartialObjectMetadataList' && clauses.length === 1) {
      throw notAcceptable(
        `you requested PartialObjectMetadataList, but the requested object is not a list (${typeName})`,
      )
    }
  }
  throw notAcceptable(`only the following media types are accepted: ${offered}`)
}

/** The form of a request's body; undefined for types that the server does not read. */
export function bodyFormat(contentType: string | undefined): 'json' | 'yaml' | 'protobuf' | undefined {
  const type = (contentType ?? '').split(';', 1)[0]!.trim().toLowerCase()
  if (type === '' || type === 'application/json') return 'json'
  if (type === 'application/vnd.kubernetes.protobuf') return 'protobuf'
  return type === 'application/yaml' ? 'yaml' : undefined
}

function formatOf(type: string): 'json' | 'yaml' | undefined {
  if (type === 'application/json' || type === '*/*' || type === 'application/*') return 'json'
  return type === 'application/yaml' ? 'yaml' : undefined
}

function splitOnce(text: string): [string, string] {
  const at = text.indexOf('=')
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

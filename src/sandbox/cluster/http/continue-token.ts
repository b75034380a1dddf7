import { isObject } from '../../../base/json.ts'
import { badRequest } from './status.ts'

/** Where the next page of a list starts. */
export interface ContinueToken {
  /** The version of the first page, which all pages show; -1: whatever is there now. */
  readonly version: number
  /** The first key of the page, below the namespace that is listed. */
  readonly start: string
}

const tokenVersion = 'meta.k8s.io/v1'

/** The token in the form that Kubernetes gives out: base64url of a small JSON object. */
export function encodeContinue({ version, start }: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: tokenVersion, rv: version, start })).toString('base64url')
}

/** Reads a token; throws 400. */
export function decodeContinue(text: string): ContinueToken {
  const bad = (why: string) => badRequest(`invalid continue token: continue key is not valid: ${why}`)
  const illegal = illegalAt(text)
  if (illegal >= 0) throw bad(`illegal base64 data at input byte ${illegal}`)
  const json = Buffer.from(text, 'base64url').toString('latin1')
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
  } catch {
    throw bad(`invalid character ${quoteFirst(json)} looking for beginning of value`)
  }
  if (!isObject(value) || value['v'] !== tokenVersion)
    throw badRequest(
      'invalid continue token: continue key is not valid: server does not recognize this encoded version',
    )
  const { rv, start } = value
  if (typeof rv !== 'number' || rv === 0) throw bad('incorrect encoded start resourceVersion (version meta.k8s.io/v1)')
  if (typeof start !== 'string' || start === '') throw bad('encoded start key empty (version meta.k8s.io/v1)')
  if (start.split('/').includes('..')) throw bad('invalid encoded start key')
  return { version: rv, start }
}

/** Where Go's raw URL decoder stops, or -1. */
function illegalAt(text: string): number {
  const bad = text.search(/[^A-Za-z0-9_-]/)
  if (bad >= 0) return bad
  return text.length % 4 === 1 ? text.length - 1 : -1
}

function quoteFirst(text: string): string {
  const code = text.charCodeAt(0) || 0
  const shown = code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : `\\u${code.toString(16).padStart(4, '0')}`
  return `'${shown}'`
}

import type { Context } from 'hono'
import { SluiceError } from '../../base/errors/index.ts'

const mostBytes = 1024 * 1024
/** Values of charts are nested some ten deep. What walks through data calls itself at each level. */
const mostDepth = 200

/** The body of a request, counted while it is read. Fails with E_REQUEST_TOO_LARGE. */
export async function readBody(http: Context, limit = mostBytes): Promise<Buffer> {
  const tooLarge = () => new SluiceError('E_REQUEST_TOO_LARGE', { expected: `at most ${limit} bytes` })
  if (Number(http.req.header('content-length') ?? 0) > limit) throw tooLarge()
  const stream = http.req.raw.body
  if (stream === null) return Buffer.alloc(0)
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of stream as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > limit) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** The body as JSON. Fails with E_REQUEST_TYPE, E_REQUEST_INVALID, E_REQUEST_TOO_LARGE. */
export async function readJson(http: Context, limit?: number): Promise<unknown> {
  const type = http.req.header('content-type') ?? ''
  if (!/^application\/json\s*(?:;|$)/i.test(type)) {
    throw new SluiceError('E_REQUEST_TYPE', {
      expected: 'application/json',
      seen: type === '' ? 'none' : type.slice(0, 100),
    })
  }
  const text = (await readBody(http, limit)).toString('utf8')
  if (isDeeper(text, mostDepth))
    throw new SluiceError('E_REQUEST_INVALID', { expected: `JSON of at most ${mostDepth} levels`, seen: 'more' })
  try {
    return JSON.parse(text)
  } catch {
    throw new SluiceError('E_REQUEST_INVALID', { expected: 'JSON', seen: 'a text that is none' })
  }
}

/** Whether a JSON text nests deeper, told without parsing it. */
function isDeeper(text: string, most: number): boolean {
  let depth = 0
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (quoted) {
      if (c === 92) i++
      else if (c === 34) quoted = false
    } else if (c === 34) quoted = true
    else if (c === 91 || c === 123) {
      if (++depth > most) return true
    } else if (c === 93 || c === 125) depth--
  }
  return false
}

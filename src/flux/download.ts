import { SluiceError } from '../base/errors/index.ts'

export interface DownloadOptions {
  /** Bytes at most. */
  readonly limit: number
  readonly signal: AbortSignal
  /** Milliseconds for all of it; a minute when absent. */
  readonly timeoutMs?: number
}

const redirects = 5

/**
 * Fetches a file without credentials. Only https is spoken, and plain http to this machine; a body that ends early, or is
 * longer than allowed, is refused.
 *
 * @throws SluiceError E_FLUX_DOWNLOAD
 */
export async function download(address: string, options: DownloadOptions): Promise<Buffer> {
  const { signal, timeoutMs = 60_000 } = options
  const all = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
  let url = checkAddress(address)
  try {
    for (let step = 0; step <= redirects; step++) {
      const response = await fetch(url, { signal: all, redirect: 'manual', headers: { accept: '*/*' } })
      const to = response.headers.get('location')
      if (response.status >= 300 && response.status < 400 && to !== null) {
        await response.body?.cancel()
        url = checkAddress(new URL(to, url).href, address)
        continue
      }
      if (response.status !== 200) {
        await response.body?.cancel()
        throw failed(address, 'the file', `status ${response.status}`)
      }
      return await bodyOf(response, address, options.limit)
    }
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof SluiceError) throw error
    const seen = all.aborted ? `no end within ${timeoutMs / 1000} s` : reasonOf(error)
    throw failed(address, 'an answer of the server', seen, error)
  }
  throw failed(address, `at most ${redirects} redirects`, 'more')
}

async function bodyOf(response: Response, address: string, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > limit) throw failed(address, `at most ${limit} bytes`, 'more')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** @throws SluiceError E_FLUX_DOWNLOAD for what no manifests are fetched from */
export function checkAddress(text: string, address = text): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isHere = url !== undefined && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  if (url === undefined || (url.protocol !== 'https:' && !(url.protocol === 'http:' && isHere)))
    throw failed(address, 'an https address', url === undefined ? 'no address' : url.origin)
  if (url.username !== '' || url.password !== '')
    throw failed(url.origin, 'an address without credentials', 'a user name or password in it')
  return url
}

function reasonOf(error: unknown): string {
  const cause = (error as { cause?: unknown }).cause
  const inner = cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : undefined
  return inner ?? (error instanceof Error ? error.message : String(error))
}

function failed(object: string, expected: string, seen: string, cause?: unknown): SluiceError {
  return new SluiceError('E_FLUX_DOWNLOAD', { object, expected, seen, ...(cause === undefined ? {} : { cause }) })
}

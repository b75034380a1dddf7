import type { Clock } from '../../../base/clock.ts'
import { Secret } from '../../../secrets/secret.ts'
import type { HttpAccess } from '../http/access.ts'
import { type HttpAnswer, HttpClient } from '../http/client.ts'
import { HttpFailure } from '../http/failure.ts'
import { encode, type S3Credentials, signRequest } from './sign.ts'
import { elements, textOf } from './xml.ts'

/** An object of a bucket. */
export interface BucketObject {
  readonly key: string
  /** Without its quotes. */
  readonly etag: string
  readonly size: number
}

export interface BucketClientOptions {
  /** `https://host[:port]`. */
  readonly endpoint: URL
  readonly bucket: string
  /** Found out when absent. */
  readonly region: string | undefined
  /** Nobody when absent: for buckets that everybody may read. */
  readonly credentials: S3Credentials | undefined
  readonly access: HttpAccess
  readonly clock: Clock
  readonly signal: AbortSignal
}

const maxListBytes = 16 * 1024 * 1024
const mostObjects = 100_000

/** Reads one bucket over the S3 API. */
export class BucketClient {
  readonly #options: BucketClientOptions
  readonly #http: HttpClient
  #region: string

  constructor(options: BucketClientOptions) {
    this.#options = options
    this.#region = options.region || 'us-east-1'
    this.#http = new HttpClient(options.access)
  }

  /** Whether the bucket is there. Learns its region from the answer. @throws HttpFailure */
  async exists(): Promise<boolean> {
    for (let tries = 1; ; tries++) {
      const answer = await this.#send('HEAD', '', {}, 64 * 1024, [301, 400, 403, 404])
      const region = answer.headers['x-amz-bucket-region']
      const other = region !== undefined && /^[a-z0-9-]{1,40}$/.test(region) && region !== this.#region
      if (answer.status < 300) return true
      if (answer.status === 404) return false
      if (!other || this.#options.region || tries > 1)
        throw new HttpFailure(answer.url, `status ${answer.status}`, { status: answer.status })
      this.#region = region
    }
  }

  /** The objects whose key begins with a prefix, page by page. */
  async list(prefix: string): Promise<BucketObject[]> {
    const found: BucketObject[] = []
    let token: string | undefined
    do {
      const query = {
        'encoding-type': 'url',
        'list-type': '2',
        'max-keys': '1000',
        prefix,
        ...(token === undefined ? {} : { 'continuation-token': token }),
      }
      const answer = await this.#send('GET', '', query, maxListBytes)
      const page = answer.body.toString('utf8')
      for (const content of elements(page, 'Contents')) {
        const key = decodeKey(textOf(content, 'Key') ?? '')
        const etag = (textOf(content, 'ETag') ?? '').replace(/^"|"$/g, '')
        found.push({ key, etag, size: Number(textOf(content, 'Size') ?? 0) })
      }
      if (found.length > mostObjects)
        throw new HttpFailure(answer.url, `the bucket has more than ${mostObjects} objects`)
      const next = textOf(page, 'NextContinuationToken')
      token = textOf(page, 'IsTruncated') === 'true' && next !== token ? next : undefined
    } while (token !== undefined)
    return found
  }

  /** The bytes of an object and its ETag; undefined when it is gone. */
  async get(key: string, maxBytes: number): Promise<{ readonly bytes: Buffer; readonly etag: string } | undefined> {
    const answer = await this.#send('GET', key, {}, maxBytes, [404])
    if (answer.status === 404) return undefined
    return { bytes: answer.body, etag: (answer.headers['etag'] ?? '').replace(/^"|"$/g, '') }
  }

  close(): Promise<void> {
    return this.#http.close()
  }

  #send(
    method: 'GET' | 'HEAD',
    key: string,
    query: Readonly<Record<string, string>>,
    maxBytes: number,
    accept: readonly number[] = [],
  ): Promise<HttpAnswer> {
    const { credentials, clock, signal } = this.#options
    const url = this.#urlOf(key)
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
    // The signature encodes a space as %20; the URL must say the same.
    url.search = url.search.replaceAll('+', '%20')
    const signed = credentials && signRequest({ method, url, credentials, region: this.#region, now: clock.now() })
    const { authorization, ...headers } = signed ?? {}
    return this.#http.send(url, {
      method,
      headers,
      credentials: authorization === undefined ? undefined : { authorization: Secret.of(authorization) },
      maxBytes,
      maxRedirects: 0,
      accept,
      signal,
    })
  }

  /** Amazon's own hosts want the bucket in the name; everybody else takes it in the path. */
  #urlOf(key: string): URL {
    const { endpoint, bucket } = this.#options
    const path = key.split('/').map(encode).join('/')
    if (/\.amazonaws\.com(\.cn)?$/.test(endpoint.hostname) && !bucket.includes('.')) {
      return new URL(`${endpoint.protocol}//${bucket}.${endpoint.host}/${path}`)
    }
    return new URL(`${endpoint.origin}/${bucket}/${path}`)
  }
}

function decodeKey(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}

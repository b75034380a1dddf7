import { createHash } from 'node:crypto'
import { type S3Credentials, signRequest } from '../source/bucket/sign.ts'
import { type Answer, FaultyServer, type SeenRequest } from './faulty-server.ts'

/** An object storage in memory that speaks S3: signed reads, lists in pages, and an STS for LDAP names. */
export class BucketStandIn {
  readonly server: FaultyServer
  readonly #buckets = new Map<string, Map<string, Buffer>>()
  /** Who may read; everybody when undefined. */
  credentials: S3Credentials | undefined
  region = 'us-east-1'
  pageSize = 2
  /** The answer of the STS to a form, as XML. */
  sts: (form: URLSearchParams) => Answer = () => ({ status: 403 })

  private constructor(server: FaultyServer) {
    this.server = server
  }

  static async start(): Promise<BucketStandIn> {
    let standIn: BucketStandIn | undefined
    const server = await FaultyServer.start((request, body) => standIn!.#answer(request, body))
    standIn = new BucketStandIn(server)
    return standIn
  }

  close(): Promise<void> {
    return this.server.close()
  }

  /** Makes a bucket of these objects, in place of one of the same name. */
  fill(bucket: string, objects: Readonly<Record<string, string>>): void {
    this.#buckets.set(bucket, new Map(Object.entries(objects).map(([key, text]) => [key, Buffer.from(text)])))
  }

  static etag(bytes: Buffer | string): string {
    return createHash('md5').update(bytes).digest('hex')
  }

  #answer(request: SeenRequest, body: Buffer): Answer {
    const url = new URL(request.path, this.server.url)
    if (request.method === 'POST') return this.sts(new URLSearchParams(body.toString()))
    const refused = this.#refuse(request, url)
    if (refused !== undefined) return refused
    const [, name = '', ...rest] = url.pathname.split('/')
    const bucket = this.#buckets.get(decodeURIComponent(name))
    if (bucket === undefined) return { status: 404, body: '<Error><Code>NoSuchBucket</Code></Error>' }
    const key = rest.map(decodeURIComponent).join('/')
    if (key === '') return request.method === 'HEAD' ? { status: 200 } : this.#list(bucket, url)
    const bytes = bucket.get(key)
    if (bytes === undefined) return { status: 404, body: '<Error><Code>NoSuchKey</Code></Error>' }
    return { status: 200, body: bytes, headers: { etag: `"${BucketStandIn.etag(bytes)}"` } }
  }

  #list(bucket: ReadonlyMap<string, Buffer>, url: URL): Answer {
    const prefix = url.searchParams.get('prefix') ?? ''
    const all = [...bucket.keys()].filter(key => key.startsWith(prefix)).sort()
    const from = Number(url.searchParams.get('continuation-token') ?? 0)
    const page = all.slice(from, from + this.pageSize)
    const more = from + this.pageSize < all.length
    const contents = page.map(
      key =>
        `<Contents><Key>${encodeURIComponent(key)}</Key><ETag>&quot;${BucketStandIn.etag(bucket.get(key)!)}&quot;</ETag><Size>${bucket.get(key)!.length}</Size></Contents>`,
    )
    const next = more ? `<NextContinuationToken>${from + this.pageSize}</NextContinuationToken>` : ''
    return {
      status: 200,
      headers: { 'content-type': 'application/xml' },
      body: `<?xml version="1.0"?><ListBucketResult><IsTruncated>${more}</IsTruncated>${contents.join('')}${next}</ListBucketResult>`,
    }
  }

  /** Works the signature out again from what came. */
  #refuse(request: SeenRequest, url: URL): Answer | undefined {
    if (this.credentials === undefined) return undefined
    const stamp = String(request.headers['x-amz-date'] ?? '')
    const now = new Date(stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
    if (Number.isNaN(now.getTime())) return { status: 403 }
    const signed = signRequest({ method: request.method, url, credentials: this.credentials, region: this.region, now })
    if (request.authorization === signed['authorization']) return undefined
    return {
      status: request.authorization?.includes(`/${this.region}/`) ? 403 : 400,
      headers: { 'x-amz-bucket-region': this.region },
    }
  }
}

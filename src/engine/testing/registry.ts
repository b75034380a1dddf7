import { createHash, randomUUID } from 'node:crypto'
import { type Answer, FaultyServer, type SeenRequest } from './faulty-server.ts'

/** How a registry lets people in. */
export type RegistryAuth =
  | { readonly kind: 'none' }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  /** A token of a service; `realm` is the registry's own when absent. */
  | { readonly kind: 'token'; readonly username: string; readonly password: string; readonly realm?: string }

const digestOf = (bytes: Buffer | string) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

/** A container registry in memory (OCI Distribution 1.1): pull, push, tags in pages, basic and token logins. */
export class RegistryStandIn {
  readonly server: FaultyServer
  readonly #blobs = new Map<string, Buffer>()
  readonly #manifests = new Map<string, { bytes: Buffer; type: string }>()
  /** `repository:tag` to digest. */
  readonly #tags = new Map<string, string>()
  readonly #uploads = new Map<string, Buffer>()
  readonly #token = `token-${randomUUID()}`
  auth: RegistryAuth = { kind: 'none' }
  pageSize = 2

  private constructor(server: FaultyServer) {
    this.server = server
  }

  static async start(): Promise<RegistryStandIn> {
    let standIn: RegistryStandIn | undefined
    const server = await FaultyServer.start((request, body) => standIn!.#answer(request, body))
    standIn = new RegistryStandIn(server)
    return standIn
  }

  get host(): string {
    return this.server.host
  }

  close(): Promise<void> {
    return this.server.close()
  }

  /** Stores a blob; returns its descriptor. */
  blob(bytes: Buffer | string, mediaType: string, annotations?: Record<string, string>) {
    const digest = digestOf(bytes)
    this.#blobs.set(digest, Buffer.from(bytes))
    return { mediaType, digest, size: Buffer.byteLength(bytes), ...(annotations ? { annotations } : {}) }
  }

  /** Stores a manifest under a tag; returns its digest. */
  manifest(
    repository: string,
    tag: string,
    content: object,
    type = 'application/vnd.oci.image.manifest.v1+json',
  ): string {
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: type, ...content }))
    const digest = digestOf(bytes)
    this.#manifests.set(`${repository}@${digest}`, { bytes, type })
    this.#tags.set(`${repository}:${tag}`, digest)
    return digest
  }

  /** An artifact of one layer, as `flux push artifact` makes it. */
  push(
    repository: string,
    tag: string,
    layer: Buffer,
    annotations: Record<string, string> = {},
    mediaType = 'application/vnd.cncf.flux.content.v1.tar+gzip',
  ): string {
    const config = this.blob('{}', 'application/vnd.cncf.flux.config.v1+json')
    return this.manifest(repository, tag, { config, layers: [this.blob(layer, mediaType)], annotations })
  }

  remove(repository: string, tag: string): void {
    this.#tags.delete(`${repository}:${tag}`)
  }

  #answer(request: SeenRequest, body: Buffer): Answer {
    const url = new URL(request.path, 'http://registry')
    if (url.pathname === '/token') return this.#giveToken(request)
    const refused = this.#refuse(request)
    if (refused !== undefined) return refused
    if (url.pathname === '/v2/') return { status: 200, body: '{}' }
    const found = /^\/v2\/(.+?)\/(manifests|blobs|tags)\/(.+?)\/?$/.exec(url.pathname)
    if (found === null) return { status: 404 }
    const [, repository = '', kind, reference = ''] = found
    if (kind === 'tags') return this.#listTags(repository, url)
    if (kind === 'manifests' && request.method === 'PUT')
      return this.#takeManifest(request, repository, reference, body)
    if (kind === 'manifests') {
      const digest = reference.startsWith('sha256:') ? reference : this.#tags.get(`${repository}:${reference}`)
      const manifest = this.#manifests.get(`${repository}@${digest}`)
      if (manifest === undefined) return { status: 404, body: '{"errors":[{"code":"MANIFEST_UNKNOWN"}]}' }
      return {
        status: 200,
        body: manifest.bytes,
        headers: { 'content-type': manifest.type, 'docker-content-digest': digest! },
      }
    }
    if (reference.startsWith('uploads')) return this.#upload(request, repository, reference, url, body)
    const blob = this.#blobs.get(reference)
    return blob === undefined ? { status: 404 } : { status: 200, body: blob }
  }

  #listTags(repository: string, url: URL): Answer {
    const all = [...this.#tags.keys()]
      .filter(key => key.startsWith(`${repository}:`))
      .map(key => key.slice(repository.length + 1))
      .sort()
    if (all.length === 0) return { status: 404 }
    const from = all.indexOf(url.searchParams.get('last') ?? '') + 1
    const tags = all.slice(from, from + this.pageSize)
    const more = from + this.pageSize < all.length
    const link = `</v2/${repository}/tags/list?n=${this.pageSize}&last=${tags.at(-1)}>; rel="next"`
    return { status: 200, body: JSON.stringify({ name: repository, tags }), headers: more ? { link } : {} }
  }

  #takeManifest(request: SeenRequest, repository: string, reference: string, body: Buffer): Answer {
    const digest = digestOf(body)
    this.#manifests.set(`${repository}@${digest}`, { bytes: body, type: request.headers['content-type'] ?? '' })
    if (!reference.startsWith('sha256:')) this.#tags.set(`${repository}:${reference}`, digest)
    return {
      status: 201,
      headers: { location: `/v2/${repository}/manifests/${digest}`, 'docker-content-digest': digest },
    }
  }

  #upload(request: SeenRequest, repository: string, reference: string, url: URL, body: Buffer): Answer {
    const id = reference.split('/')[1] ?? randomUUID()
    const bytes = Buffer.concat([this.#uploads.get(id) ?? Buffer.alloc(0), body])
    this.#uploads.set(id, bytes)
    const digest = url.searchParams.get('digest')
    const location = `/v2/${repository}/blobs/uploads/${id}`
    if (request.method !== 'PUT')
      return { status: 202, headers: { location, range: `0-${Math.max(0, bytes.length - 1)}` } }
    this.#blobs.set(digest ?? '', bytes)
    return { status: 201, headers: { location: `/v2/${repository}/blobs/${digest}` } }
  }

  #refuse(request: SeenRequest): Answer | undefined {
    const { auth } = this
    if (auth.kind === 'none') return undefined
    if (auth.kind === 'basic') {
      if (request.authorization === basic(auth)) return undefined
      return { status: 401, headers: { 'www-authenticate': 'Basic realm="registry"' } }
    }
    if (request.authorization === `Bearer ${this.#token}`) return undefined
    const realm = auth.realm ?? `${this.server.url}/token`
    return { status: 401, headers: { 'www-authenticate': `Bearer realm="${realm}",service="registry",scope="x"` } }
  }

  #giveToken(request: SeenRequest): Answer {
    const { auth } = this
    if (auth.kind !== 'token' || request.authorization !== basic(auth)) return { status: 401 }
    return { status: 200, body: JSON.stringify({ token: this.#token }) }
  }
}

function basic({ username, password }: { username: string; password: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

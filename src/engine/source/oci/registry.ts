import { isObject } from '../../../base/json.ts'
import type { Secret } from '../../../secrets/secret.ts'
import type { HttpAccess } from '../http/access.ts'
import { basicHeader, type HttpAnswer, HttpClient, sha256 } from '../http/client.ts'
import { HttpFailure } from '../http/failure.ts'
import { isDigest, isLocalRegistry, type OciRepositoryRef } from './reference.ts'
import { challengeOf, fetchToken } from './token.ts'

/** Who we are to a registry. */
export interface RegistryLogin {
  readonly username: string
  readonly password: Secret
  /** A token that is exchanged instead of a password (`identitytoken` of docker's configuration). */
  readonly identityToken?: Secret
}

export interface RegistryOptions {
  readonly access: HttpAccess
  readonly login?: RegistryLogin | undefined
  /** Accept plain HTTP and any certificate. */
  readonly insecure: boolean
  readonly signal: AbortSignal
}

/** A manifest or an index as it was signed: its bytes decide its digest. */
export interface Manifest {
  readonly digest: string
  readonly mediaType: string
  readonly content: Record<string, unknown>
}

/** A part of an artifact. */
export interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly annotations: Readonly<Record<string, string>>
}

const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
].join(', ')

const maxManifestBytes = 4 * 1024 * 1024
const maxTagBytes = 8 * 1024 * 1024
const maxTags = 100_000
/** A layer larger than this is refused. */
export const maxBlobBytes = 256 * 1024 * 1024

/**
 * Reads one repository of a registry (OCI Distribution 1.1). Credentials go to the registry's own origin and, as Basic, to
 * the token service that its challenge names on https; redirects to a storage of blobs get none. What comes is only used
 * when its digest is right.
 */
export class Registry {
  readonly #ref: OciRepositoryRef
  readonly #options: RegistryOptions
  readonly #http: HttpClient
  #base: string | undefined
  #authorization: Secret | undefined

  constructor(ref: OciRepositoryRef, options: RegistryOptions) {
    this.#ref = ref
    this.#options = options
    this.#http = new HttpClient({
      ...options.access,
      ...(options.insecure && options.access.ca === undefined ? { anyCertificate: true } : {}),
    })
  }

  /** `host/path`, for messages. */
  get name(): string {
    return `${this.#ref.host}/${this.#ref.path}`
  }

  /** The digest that a tag stands for now. */
  async resolve(tag: string): Promise<string> {
    const answer = await this.#send(`/manifests/${tag}`, 'HEAD', maxManifestBytes).catch(error => {
      if (error instanceof HttpFailure && (error.status === 404 || error.status === 405)) return undefined
      throw error
    })
    const digest = answer?.headers['docker-content-digest']
    if (digest !== undefined && isDigest(digest)) return digest
    return (await this.manifest(tag)).digest
  }

  /** A manifest by tag or digest. */
  async manifest(reference: string): Promise<Manifest> {
    const { body, headers, url } = await this.#send(`/manifests/${reference}`, 'GET', maxManifestBytes)
    const digest = sha256(body)
    if (isDigest(reference) && digest !== reference) {
      throw new HttpFailure(url, `the manifest is ${digest}, not ${reference}`)
    }
    let content: unknown
    try {
      content = JSON.parse(body.toString('utf8'))
    } catch {
      throw new HttpFailure(url, 'the manifest is not JSON')
    }
    if (!isObject(content)) throw new HttpFailure(url, 'the manifest is no object')
    const stated = content['mediaType'] ?? headers['content-type']?.split(';')[0]?.trim()
    return { digest, mediaType: String(stated ?? ''), content }
  }

  /** The bytes of a blob, checked. */
  async blob(descriptor: Pick<Descriptor, 'digest' | 'size'>): Promise<Buffer> {
    if (descriptor.size > maxBlobBytes) {
      throw new Error(`blob ${descriptor.digest} has ${descriptor.size} bytes, more than ${maxBlobBytes}`)
    }
    const { body, url } = await this.#send(`/blobs/${descriptor.digest}`, 'GET', Math.max(1, descriptor.size))
    const digest = sha256(body)
    if (digest !== descriptor.digest) throw new HttpFailure(url, `the blob is ${digest}, not ${descriptor.digest}`)
    return body
  }

  /** All tags, page by page. */
  async tags(): Promise<string[]> {
    const tags: string[] = []
    let next: string | undefined = '/tags/list?n=1000'
    while (next !== undefined) {
      const answer: HttpAnswer = await this.#send(next, 'GET', maxTagBytes)
      const body = JSON.parse(answer.body.toString('utf8')) as { tags?: unknown }
      const page = Array.isArray(body.tags) ? body.tags.filter((tag): tag is string => typeof tag === 'string') : []
      tags.push(...page)
      if (tags.length > maxTags) throw new HttpFailure(answer.url, `the repository has more than ${maxTags} tags`)
      next = page.length === 0 ? undefined : this.#nextPage(answer)
    }
    return tags
  }

  close(): Promise<void> {
    return this.#http.close()
  }

  /** A page's link stays within this repository. */
  #nextPage(answer: HttpAnswer): string | undefined {
    const link = /<([^>]+)>;\s*rel="?next"?/.exec(answer.headers['link'] ?? '')?.[1]
    if (link === undefined) return undefined
    const url = new URL(link, answer.url)
    const prefix = `/v2/${this.#ref.path}`
    if (url.origin !== answer.url.origin || !url.pathname.startsWith(`${prefix}/tags/list`)) return undefined
    return `${url.pathname.slice(prefix.length)}${url.search}`
  }

  async #send(path: string, method: 'GET' | 'HEAD', maxBytes: number): Promise<HttpAnswer> {
    const base = await this.#reach()
    const url = new URL(`${base}/v2/${this.#ref.path}${path}`)
    const ask = () =>
      this.#http.send(url, {
        method,
        headers: path.startsWith('/manifests/') ? { accept: manifestTypes } : {},
        credentials: this.#authorization === undefined ? undefined : { authorization: this.#authorization },
        maxBytes,
        signal: this.#options.signal,
        accept: [401],
      })
    let answer = await ask()
    if (answer.status === 401) {
      await this.#login(answer)
      answer = await ask()
    }
    if (answer.status === 401) throw new HttpFailure(url, 'status 401', { status: 401 })
    return answer
  }

  async #login(answer: HttpAnswer): Promise<void> {
    const challenge = challengeOf(answer.headers['www-authenticate'])
    const { login } = this.#options
    if (challenge === undefined) throw new HttpFailure(answer.url, 'status 401', { status: 401 })
    if (challenge.scheme === 'basic') {
      if (login === undefined) throw new HttpFailure(answer.url, 'status 401: it wants a login', { status: 401 })
      this.#authorization = basicHeader(login.username, login.password.reveal())
      return
    }
    const scope = `repository:${this.#ref.path}:pull`
    this.#authorization = await fetchToken(this.#http, answer.url, challenge, scope, login, this.#options.signal)
  }

  /** `https://host`, or plain HTTP where it is allowed and nobody speaks TLS. */
  async #reach(): Promise<string> {
    if (this.#base !== undefined) return this.#base
    const secure = `https://${this.#ref.host === 'index.docker.io' ? 'registry-1.docker.io' : this.#ref.host}`
    const plainAllowed = this.#options.insecure || isLocalRegistry(this.#ref.host)
    if (!plainAllowed) {
      this.#base = secure
      return secure
    }
    const ping = { maxBytes: 64 * 1024, signal: this.#options.signal, accept: [401, 403, 404, 405] }
    try {
      await this.#http.send(new URL(`${secure}/v2/`), ping)
      this.#base = secure
    } catch (error) {
      // A certificate that is wrong is no reason to go on without any.
      const failure = error instanceof HttpFailure ? error : undefined
      if (failure === undefined || failure.status !== undefined || !speaksNoTls(failure)) throw error
      this.#base = `http://${this.#ref.host}`
    }
    return this.#base
  }
}

function speaksNoTls(failure: HttpFailure): boolean {
  return /EPROTO|WRONG_VERSION|SSL_ROUTINES|PACKET_LENGTH|ECONNRESET|UND_ERR_SOCKET|disconnected before secure/i.test(
    `${failure.code ?? ''} ${failure.message}`,
  )
}

/** The descriptor in a manifest; undefined for what is none. */
export function descriptorOf(value: unknown): Descriptor | undefined {
  if (!isObject(value)) return undefined
  const { mediaType, digest, size, annotations } = value
  if (typeof digest !== 'string' || !isDigest(digest) || typeof size !== 'number' || size < 0) return undefined
  return {
    mediaType: typeof mediaType === 'string' ? mediaType : '',
    digest,
    size,
    annotations: textsIn(annotations),
  }
}

/** The texts of a map. */
export function textsIn(value: unknown): Record<string, string> {
  if (!isObject(value)) return {}
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

/** The layers of an image manifest. */
export function layersOf(manifest: Manifest): Descriptor[] {
  const { layers } = manifest.content
  return Array.isArray(layers) ? layers.map(descriptorOf).filter(layer => layer !== undefined) : []
}

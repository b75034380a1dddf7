import { isIP } from 'node:net'
import { isLocalRegistry, parseOciUrl } from './reference.ts'
import { Registry } from './registry.ts'

export interface ImageTagsInput {
  /** `ghcr.io`, with a port where it has one. */
  readonly host: string
  /** `acme/shop`. */
  readonly repository: string
  /** Also registries on this very machine: those speak HTTP. */
  readonly local: boolean
  readonly signal: AbortSignal
}

/**
 * Tags of an image, asked of its registry over HTTPS as anybody may: no login is sent. What is named comes from values of
 * charts, so this machine and the addresses of its own network segment are asked only where `local` says so.
 *
 * @throws Error with the words of the host
 */
export async function imageTags({ host, repository, local, signal }: ImageTagsInput): Promise<readonly string[]> {
  const ref = parseOciUrl(`oci://${host}/${repository}`)
  if (typeof ref === 'string') throw new Error(ref)
  if (!local && (isLocalRegistry(ref.host) || isLinkLocal(ref.host)))
    throw new Error(`${host} is an address of the server itself, which is not asked`)
  const registry = new Registry(ref, { access: {}, insecure: false, signal })
  try {
    return await registry.tags()
  } finally {
    await registry.close()
  }
}

function isLinkLocal(host: string): boolean {
  const bare = host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')
  return isIP(bare) !== 0 && (/^(?:169\.254\.|0\.)/.test(bare) || /^(?:fe[89ab]|fd00:ec2:)/i.test(bare))
}

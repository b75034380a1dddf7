import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { isObject } from '../../../base/json.ts'
import { HttpFailure } from '../http/failure.ts'
import { layersOf, type Registry } from './registry.ts'

/** Signatures looked at for one artifact. */
const most = 100
const annotation = 'dev.cosignproject.cosign/signature'
const payloadType = 'application/vnd.dev.cosign.simplesigning.v1+json'

/**
 * Whether an artifact has a cosign signature by one of the keys: the signature stands at the tag `sha256-<hex>.sig`, over a
 * payload (simple signing) that names the manifest's digest. Keyless signatures are not looked at.
 *
 * @throws Error for a text that is no public key; what the registry throws
 */
export async function isSignedBy(registry: Registry, digest: string, keys: readonly string[]): Promise<boolean> {
  const parsed = keys.map(publicKey)
  const manifest = await registry.manifest(`${digest.replace(':', '-')}.sig`).catch(error => {
    if (error instanceof HttpFailure && error.status === 404) return undefined
    throw error
  })
  if (manifest === undefined) return false
  for (const layer of layersOf(manifest).slice(0, most)) {
    const signature = layer.annotations[annotation]
    if (layer.mediaType !== payloadType || signature === undefined || layer.size > 1024 * 1024) continue
    const payload = await registry.blob(layer)
    const bytes = Buffer.from(signature, 'base64')
    if (!parsed.some(key => matches(key, payload, bytes))) continue
    if (signedDigest(payload) === digest) return true
  }
  return false
}

function matches(key: KeyObject, payload: Buffer, signature: Buffer): boolean {
  try {
    return verify(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', payload, key, signature)
  } catch {
    return false
  }
}

function signedDigest(payload: Buffer): string | undefined {
  try {
    const content: unknown = JSON.parse(payload.toString('utf8'))
    const critical = isObject(content) && isObject(content['critical']) ? content['critical'] : {}
    const image = isObject(critical['image']) ? critical['image'] : {}
    const digest = image['docker-manifest-digest']
    return typeof digest === 'string' ? digest : undefined
  } catch {
    return undefined
  }
}

function publicKey(pem: string): KeyObject {
  try {
    const key = createPublicKey(pem)
    // A private key gives its public one; it has no place here.
    if (!/BEGIN (?:RSA )?PUBLIC KEY/.test(pem)) throw new Error()
    return key
  } catch {
    throw new Error('a key of the secret is no public key in PEM form')
  }
}

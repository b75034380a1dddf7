import type { Artifact } from '../artifact.ts'
import { HttpClient, sha256 } from '../http/client.ts'
import type { SourceObject } from '../sources.ts'
import type { ArtifactStorage } from '../storage/storage.ts'

/** An artifact of others that is larger is refused. */
const maxBytes = 100 * 1024 * 1024
const timeoutMs = 60_000

/**
 * Brings an artifact that another controller serves into our store, once per digest. Undefined when it cannot be had, or is
 * not what its digest says. No credentials are sent: the address is whatever the other controller wrote.
 */
export async function fetchExternal(
  storage: ArtifactStorage,
  source: SourceObject,
  artifact: Artifact,
): Promise<Artifact | undefined> {
  const { namespace = '', name = '' } = source.metadata
  const hex = /^sha256:([0-9a-f]{64})$/.exec(artifact.digest)?.[1]
  if (hex === undefined || !URL.canParse(artifact.url)) return undefined
  const local = { ...artifact, path: `externalartifact/${namespace}/${name}/${hex}.tar.gz` }
  if ((await storage.check(local)) === 'intact') return local
  const url = new URL(artifact.url)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined
  const http = new HttpClient()
  try {
    const { body } = await http.send(url, { maxBytes, signal: AbortSignal.timeout(timeoutMs) })
    if (sha256(body) !== artifact.digest) return undefined
    await storage.put({
      kind: 'ExternalArtifact',
      namespace,
      name,
      file: `${hex}.tar.gz`,
      revision: artifact.revision,
      bytes: body,
    })
    await storage.collect(local)
    return local
  } catch {
    return undefined
  } finally {
    await http.close()
  }
}

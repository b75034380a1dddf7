import { createHash } from 'node:crypto'
import { valueAt } from '../base/json.ts'
import { credentialHost, isOnHost } from '../credentials/host.ts'
import { secretText } from '../credentials/sync-secret.ts'
import type { KubeClient } from '../kube/client/types.ts'
import type { KubeObject } from '../kube/object.ts'
import { expiresAnnotation } from '../secrets/expiry.ts'
import type { FluxKind } from './flux-kinds.ts'
import { gitRepositoryKind, listIfKnown } from './read-fleet.ts'

const sourceGroup = 'source.toolkit.fluxcd.io'

/** The kinds of Flux whose `secretRef` is a credential for the host of their `url`. */
export const credentialedKinds: readonly FluxKind[] = [
  gitRepositoryKind,
  { group: sourceGroup, version: 'v1', kind: 'HelmRepository' },
  { group: sourceGroup, version: 'v1', kind: 'OCIRepository' },
]

/** A source that fetches with a Secret. */
export interface HeldBy {
  readonly kind: FluxKind
  readonly namespace: string
  readonly name: string
  readonly url: string
  /** The branch that it follows; undefined when it says none. */
  readonly branch: string | undefined
  readonly suspended: boolean
}

/** A Secret of the cluster that holds a credential for one host. Its value is never in here. */
export interface CredentialHolder {
  readonly namespace: string
  readonly name: string
  /** The host that it is sent to, by the addresses of its sources. */
  readonly host: string
  /** Key in the Secret; undefined when the Secret is missing, or holds nothing that is known. */
  readonly key: 'password' | 'bearerToken' | 'identity' | undefined
  /** SHA-256 of the value, hexadecimal. */
  readonly digest: string | undefined
  readonly expires: string | undefined
  readonly resourceVersion: string | undefined
  readonly sources: readonly HeldBy[]
}

/** Every Secret that a source of Flux fetches with, one row for each host that it is sent to. Reads only. */
export async function credentialHolders(
  client: KubeClient,
  options: { readonly host?: string; readonly signal?: AbortSignal } = {},
): Promise<CredentialHolder[]> {
  const { host, signal } = options
  const lists = await Promise.all(credentialedKinds.map(kind => listIfKnown(client, kind, signal)))
  const groups = new Map<string, { namespace: string; name: string; host: string; sources: HeldBy[] }>()
  for (const [i, objects] of lists.entries()) {
    for (const object of objects) {
      const held = heldBy(credentialedKinds[i]!, object)
      if (!held || (host !== undefined && !isOnHost(held.url, host))) continue
      const at = hostOf(held.url)
      const secret = String(valueAt(object, ['spec', 'secretRef', 'name']))
      const key = JSON.stringify([held.namespace, secret, at])
      const group = groups.get(key) ?? { namespace: held.namespace, name: secret, host: at, sources: [] }
      groups.set(key, group)
      group.sources.push(held)
    }
  }
  return Promise.all([...groups.values()].map(group => readHolder(client, group, signal)))
}

async function readHolder(
  client: KubeClient,
  group: { namespace: string; name: string; host: string; sources: readonly HeldBy[] },
  signal: AbortSignal | undefined,
): Promise<CredentialHolder> {
  const { namespace, name } = group
  const ref = { group: '', version: 'v1', kind: 'Secret', namespace, name }
  const secret = await client.find(ref, { ...(signal && { signal }) })
  // Beside an identity, `password` is the passphrase of the key.
  const key = (['identity', 'bearerToken', 'password'] as const).find(one => secretText(secret, one))
  const value = key === undefined ? undefined : secretText(secret, key)
  return {
    ...group,
    key,
    digest: value === undefined ? undefined : createHash('sha256').update(value.trim()).digest('hex'),
    expires: secret?.metadata.annotations?.[expiresAnnotation],
    resourceVersion: secret?.metadata.resourceVersion,
  }
}

function heldBy(kind: FluxKind, object: KubeObject): HeldBy | undefined {
  const url = valueAt(object, ['spec', 'url'])
  if (typeof url !== 'string' || typeof valueAt(object, ['spec', 'secretRef', 'name']) !== 'string') return undefined
  return {
    kind,
    namespace: object.metadata.namespace ?? '',
    name: object.metadata.name ?? '',
    url,
    branch: stringAt(object, 'spec', 'ref', 'branch'),
    suspended: valueAt(object, ['spec', 'suspend']) === true,
  }
}

function stringAt(object: KubeObject, ...path: string[]): string | undefined {
  const value = valueAt(object, path)
  return typeof value === 'string' ? value : undefined
}

/** Host and port of an address, without its path. */
function hostOf(url: string): string {
  try {
    return credentialHost(url).replace(/\/.*$/, '')
  } catch {
    return url
  }
}

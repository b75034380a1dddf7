import { SluiceError } from '../../base/errors/index.ts'
import { isObject, jsonEqual } from '../../base/json.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import { formatRef, type ObjectRef, parseApiVersion } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import { sourceGroup } from '../contract.ts'

/** Reads one object as it would be; undefined when there is none. */
export type ReadObject = (ref: ObjectRef) => Promise<KubeObject | undefined>

/** Fields of sources that name what a credential is for, and the credential. */
const addresses = ['url', 'endpoint', 'bucketName', 'provider', 'sts', 'insecure', 'passCredentials']
const secrets = ['secretRef', 'certSecretRef', 'proxySecretRef']
/** What the server puts where a file says nothing. */
const defaults: Readonly<Record<string, unknown>> = { provider: 'generic', insecure: false, passCredentials: false }

/**
 * Reads objects of a branch or folder where it has them, of the cluster where it has not. A credential of the cluster goes
 * only where the cluster itself says: a source that names a Secret must have the address that it has in the cluster, or
 * else whoever writes a branch could have the Secret sent to an address of his own.
 */
export function overlaid(client: KubeClient, proposed: readonly KubeObject[], signal: AbortSignal): ReadObject {
  const known = new Map(proposed.map(object => [keyOf(object), object]))
  return async ref => {
    const found = known.get(`${ref.group}/${ref.kind}/${ref.namespace ?? ''}/${ref.name}`)
    if (found !== undefined && ref.group !== sourceGroup) return stored(found)
    const live = await client.find(ref, { signal })
    if (found === undefined) return live
    checkAddress(ref, found, live)
    return live === undefined ? found : { ...live, spec: found['spec'] }
  }
}

/** As the server would store it: a Secret has its values in `data` alone. */
function stored(object: KubeObject): KubeObject {
  const { stringData, ...rest } = object
  if (object.kind !== 'Secret' || !isObject(stringData)) return object
  const added = Object.entries(stringData).map(([key, text]) => [key, Buffer.from(String(text)).toString('base64')])
  return {
    ...rest,
    data: { ...(isObject(rest['data']) ? rest['data'] : {}), ...Object.fromEntries(added) },
  } as KubeObject
}

function keyOf({ apiVersion, kind, metadata }: KubeObject): string {
  return `${parseApiVersion(apiVersion).group}/${kind}/${metadata.namespace ?? ''}/${metadata.name}`
}

function checkAddress(ref: ObjectRef, found: KubeObject, live: KubeObject | undefined): void {
  const [wanted, current] = [found, live].map(object => (object?.['spec'] ?? {}) as Record<string, unknown>)
  const named = secrets.filter(field => wanted![field] !== undefined)
  if (named.length === 0) return
  const moved = [...addresses, ...secrets].filter(field => !same(field, wanted!, current!))
  if (moved.length === 0) return
  throw new SluiceError('E_ENGINE_DIFF', {
    object: formatRef(ref),
    expected: `the address that it has in the cluster, because spec.${named[0]} names a Secret of the cluster`,
    seen: `another ${moved.map(field => `spec.${field}`).join(', ')}`,
    next: 'Give the chart itself with --chart, or apply the source first.',
  })
}

function same(field: string, a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean {
  return jsonEqual(a[field] ?? defaults[field], b[field] ?? defaults[field])
}

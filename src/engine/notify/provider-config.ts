import { parseDuration } from '../../base/duration.ts'
import { isObject } from '../../base/json.ts'
import type { KubeObject } from '../../kube/object.ts'
import { parseYaml } from '../../kube/yaml/index.ts'
import { Secret } from '../../secrets/secret.ts'
import type { Provider } from '../../specs/flux/provider.ts'
import type { HttpOptions } from './http-sender.ts'
import { commitStatusTypes } from './providers/index.ts'
import { DeliveryFailure, type ProviderConfig } from './providers/types.ts'

/** Reads a Secret of a namespace; undefined when it does not exist. */
export type ReadSecret = (namespace: string, name: string) => Promise<KubeObject | undefined>

/** A Provider and its Secrets, read together. */
export interface ResolvedProvider {
  readonly config: ProviderConfig
  readonly http: Omit<HttpOptions, 'policy'>
}

const longestAddress = 2048
const mostHeaders = 50

/** Reads what the Secrets of a Provider say. Fails with a DeliveryFailure that names the Secret and the key. */
export async function resolveProvider(
  provider: Provider,
  commitStatus: string,
  readSecret: ReadSecret,
): Promise<ResolvedProvider> {
  const { spec, metadata } = provider
  const namespace = metadata.namespace ?? ''
  if (spec.serviceAccountName) {
    throw new DeliveryFailure('spec.serviceAccountName: cloud identities are not supported; use spec.secretRef')
  }
  const read = async (name: string): Promise<Keys> => {
    const secret = await readSecret(namespace, name)
    if (secret === undefined) {
      throw new DeliveryFailure(`failed to get secret '${namespace}/${name}': secrets "${name}" not found`)
    }
    return keysOf(secret)
  }
  const keys: Keys = spec.secretRef === undefined ? () => undefined : await read(spec.secretRef.name)
  const address = keys('address')?.trim() ?? spec.address ?? ''
  if (address.length > longestAddress) {
    throw new DeliveryFailure(`invalid address in secret: address exceeds maximum length of ${longestAddress} bytes`)
  }
  const proxy = spec.proxySecretRef === undefined ? undefined : await read(spec.proxySecretRef.name)
  const proxyAddress =
    proxy === undefined ? (keys('proxy')?.trim() ?? spec.proxy) : proxyOf(proxy, spec.proxySecretRef?.name ?? '')
  const certificates = spec.certSecretRef === undefined ? undefined : await read(spec.certSecretRef.name)
  // Git hosts with an authority of their own have always taken it from the Secret of the token.
  const trust = certificates ?? (commitStatusTypes.has(spec.type) ? keys : () => undefined)
  const username = keys('username')
  const [token, password] = [keys('token')?.trim(), keys('password')]
  return {
    config: {
      uid: metadata.uid ?? '',
      ...(address === '' ? {} : { address: Secret.of(address) }),
      channel: spec.channel ?? '',
      username: username !== undefined && password !== undefined ? username : (spec.username ?? username ?? ''),
      ...(token === undefined ? {} : { token: Secret.of(token) }),
      ...(password === undefined ? {} : { password: Secret.of(password) }),
      headers: headersOf(keys('headers')),
      commitStatus,
    },
    http: {
      ...tlsOf(trust, certificates !== undefined),
      ...(proxyAddress ? { proxy: Secret.of(proxyAddress) } : {}),
      timeoutMs: Math.max(1, parseDuration(spec.timeout || '15s') ?? 15_000),
    },
  }
}

/** A key of a Secret as text. */
type Keys = (key: string) => string | undefined

function keysOf(secret: KubeObject): Keys {
  const data = secret['data']
  return key => {
    const value = isObject(data) && Object.hasOwn(data, key) ? data[key] : undefined
    return typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : undefined
  }
}

function headersOf(text: string | undefined): Map<string, Secret> {
  if (text === undefined) return new Map()
  let value: unknown
  try {
    value = parseYaml(text)
  } catch {
    throw new DeliveryFailure('failed to read headers from secret: expected a YAML map of texts')
  }
  const entries = isObject(value) ? Object.entries(value) : []
  if (!isObject(value) || entries.length > mostHeaders || entries.some(([, item]) => typeof item !== 'string')) {
    throw new DeliveryFailure(`failed to read headers from secret: expected a YAML map of at most ${mostHeaders} texts`)
  }
  return new Map(entries.map(([name, item]) => [name, Secret.of(item as string)]))
}

function proxyOf(keys: Keys, name: string): string {
  const address = keys('address')?.trim()
  if (!address) throw new DeliveryFailure(`failed to get proxy URL: the key 'address' of secret '${name}' is missing`)
  const [username, password] = [keys('username'), keys('password')]
  if (username === undefined) return address
  try {
    const url = new URL(address)
    url.username = encodeURIComponent(username)
    url.password = encodeURIComponent(password ?? '')
    return url.href
  } catch {
    throw new DeliveryFailure(`failed to get proxy URL: the key 'address' of secret '${name}' is not a URL`)
  }
}

function tlsOf(keys: Keys, required: boolean): Pick<HttpOptions, 'ca' | 'certificate'> {
  const ca = keys('ca.crt') ?? keys('caFile')
  const certificate = keys('tls.crt') ?? keys('certFile')
  const key = keys('tls.key') ?? keys('keyFile')
  if ((certificate === undefined) !== (key === undefined)) {
    throw new DeliveryFailure("failed to get TLS config: the keys 'tls.crt' and 'tls.key' belong together")
  }
  if (required && ca === undefined && certificate === undefined) {
    throw new DeliveryFailure("failed to get TLS config: expected 'ca.crt', or 'tls.crt' and 'tls.key'")
  }
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(certificate === undefined || key === undefined ? {} : { certificate: { certificate, key: Secret.of(key) } }),
  }
}

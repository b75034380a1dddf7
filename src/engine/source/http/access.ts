import type { KubeObject } from '../../../kube/object.ts'
import { Secret } from '../../../secrets/secret.ts'
import { StepFailure } from '../../failure.ts'
import type { SourceContext } from '../context.ts'

/** How a server is reached: whom to trust, who we are, through whom. */
export interface HttpAccess {
  /** PEM certificates to trust besides the system's. */
  readonly ca?: string
  /** Certificate and key of ours, PEM. */
  readonly client?: { readonly certificate: string; readonly key: Secret }
  readonly proxy?: ProxyAccess
  /** Take any certificate: only what `insecure` asks for. */
  readonly anyCertificate?: boolean
}

/** An HTTP proxy. */
export interface ProxyAccess {
  /** Address without a login. */
  readonly url: string
  readonly username?: string
  readonly password?: Secret
}

/** The texts of a Secret; undefined when there is no such Secret. */
export type SecretTexts = Readonly<Record<string, string>>

/** The decoded values of a Secret. */
export function textsOf(secret: KubeObject): SecretTexts {
  const data = (secret['data'] ?? {}) as Readonly<Record<string, string>>
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]),
  )
}

/** Reads a Secret that a spec names; a StepFailure with Flux's words when it is not there. */
export async function readTexts(context: SourceContext, namespace: string, name: string): Promise<SecretTexts> {
  const secret = await context.readSecret(namespace, name)
  if (secret === undefined) {
    throw new StepFailure(
      'AuthenticationFailed',
      `failed to get secret '${namespace}/${name}': secrets "${name}" not found`,
    )
  }
  return textsOf(secret)
}

/** The TLS part of `spec.certSecretRef`: `ca.crt`, `tls.crt` with `tls.key`, or all of them. */
export function tlsOf(texts: SecretTexts, where: string): Pick<HttpAccess, 'ca' | 'client'> {
  const ca = texts['ca.crt'] || undefined
  const certificate = texts['tls.crt'] || undefined
  const key = texts['tls.key'] || undefined
  if ((certificate === undefined) !== (key === undefined)) {
    throw new StepFailure(
      'AuthenticationFailed',
      `invalid TLS secret '${where}': the keys 'tls.crt' and 'tls.key' belong together`,
    )
  }
  if (ca === undefined && certificate === undefined) {
    throw new StepFailure(
      'AuthenticationFailed',
      `invalid TLS secret '${where}': expected 'ca.crt', or 'tls.crt' and 'tls.key', or all of them`,
    )
  }
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(certificate === undefined ? {} : { client: { certificate, key: Secret.of(key!) } }),
  }
}

/** The proxy of `spec.proxySecretRef`: `address`, and a login if it has one. */
export function proxyOf(texts: SecretTexts, where: string): ProxyAccess {
  const invalid = (problem: string) =>
    new StepFailure('AuthenticationFailed', `failed to get proxy address: invalid proxy secret '${where}': ${problem}`)
  let url: URL
  try {
    url = new URL(texts['address'] ?? '')
  } catch {
    throw invalid("the key 'address' is missing or no URL")
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw invalid('only http and https proxies are supported')
  const username = texts['username'] || (url.username ? decodeURIComponent(url.username) : undefined)
  const password = texts['password'] || (url.password ? decodeURIComponent(url.password) : undefined)
  if (password !== undefined && username === undefined) throw invalid("a 'password' needs a 'username'")
  url.username = ''
  url.password = ''
  return {
    url: url.href,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password: Secret.of(password) }),
  }
}

/** What `certSecretRef`, `proxySecretRef` of a spec say. */
export async function accessOf(
  context: SourceContext,
  namespace: string,
  spec: {
    readonly certSecretRef?: { readonly name: string } | undefined
    readonly proxySecretRef?: { readonly name: string } | undefined
  },
): Promise<HttpAccess> {
  const { certSecretRef, proxySecretRef } = spec
  const tls =
    certSecretRef &&
    tlsOf(await readTexts(context, namespace, certSecretRef.name), `${namespace}/${certSecretRef.name}`)
  const proxy =
    proxySecretRef &&
    proxyOf(await readTexts(context, namespace, proxySecretRef.name), `${namespace}/${proxySecretRef.name}`)
  return { ...tls, ...(proxy ? { proxy } : {}) }
}

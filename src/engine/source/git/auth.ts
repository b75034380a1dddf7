import type { GitAuth } from '../../../git/index.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { Secret } from '../../../secrets/secret.ts'
import { StepFailure } from '../../failure.ts'

/** What a Secret of a GitRepository says about connecting. */
export interface Access {
  readonly auth?: GitAuth
  /** Certificates to trust, PEM. */
  readonly ca?: string
  /** Certificate and key of ours, PEM. */
  readonly client?: { readonly certificate: string; readonly key: Secret }
}

/** Reads the Secret of `spec.secretRef`, in the keys of Flux: basic, bearer token, or SSH. */
export function accessFrom(secret: KubeObject | undefined, url: string, where: string): Access {
  if (secret === undefined) {
    const name = where.slice(where.indexOf('/') + 1)
    throw new StepFailure('AuthenticationFailed', `failed to get secret '${where}': secrets "${name}" not found`)
  }
  const data = (secret['data'] ?? {}) as Readonly<Record<string, string>>
  const text = (key: string): string | undefined => {
    const value = data[key]
    return value === undefined ? undefined : Buffer.from(value, 'base64').toString('utf8')
  }
  const invalid = (message: string) =>
    new StepFailure(
      'AuthenticationFailed',
      `failed to configure authentication options from secret '${where}': ${message}`,
    )
  const ca = text('ca.crt') ?? text('caFile')
  const certificate = text('tls.crt') ?? text('certFile')
  const key = text('tls.key') ?? text('keyFile')
  if ((certificate === undefined) !== (key === undefined)) {
    throw invalid("the keys 'tls.crt' and 'tls.key' belong together")
  }
  const trusted = {
    ...(ca === undefined ? {} : { ca }),
    ...(certificate === undefined ? {} : { client: { certificate, key: Secret.of(key!) } }),
  }
  if (url.startsWith('ssh://')) {
    const identity = text('identity')
    const knownHosts = text('known_hosts')
    if (!identity || !knownHosts) throw invalid("the keys 'identity' and 'known_hosts' are required for SSH")
    const passphrase = text('password')
    return {
      auth: {
        kind: 'ssh',
        privateKey: Secret.of(identity),
        knownHosts,
        ...(passphrase ? { passphrase: Secret.of(passphrase) } : {}),
      },
    }
  }
  const token = text('bearerToken')
  if (token) return { ...trusted, auth: { kind: 'bearer', token: Secret.of(token.trim()) } }
  const username = text('username')
  const password = text('password')
  if (password !== undefined || username !== undefined) {
    if (!username || !password) throw invalid("the keys 'username' and 'password' belong together")
    return { ...trusted, auth: { kind: 'basic', username, password: Secret.of(password) } }
  }
  if (ca === undefined && certificate === undefined) {
    throw invalid("expected 'username' and 'password', 'bearerToken', 'ca.crt', or 'tls.crt' and 'tls.key'")
  }
  return trusted
}

import type { Secret } from '../../secrets/secret.ts'

/** A certificate of the client with its key, both PEM. */
export interface ClientCertificate {
  readonly certificate: string
  readonly key: Secret
}

/** What proves the identity of the client at one moment; empty for an anonymous client. */
export interface Credentials {
  readonly token?: Secret
  readonly clientCertificate?: ClientCertificate
}

/** Where credentials come from: fixed, a file that is read again, or a credential plugin. */
export interface CredentialSource {
  /** The credentials to use now; a promise only when they have to be fetched. */
  current(signal?: AbortSignal): Credentials | Promise<Credentials>
  /** Forget what was fetched, because the server refused it. Returns whether asking again can give something else. */
  refresh(): boolean
}

/** The identity that a client acts as (impersonation), beside its own. */
export interface Impersonation {
  readonly user: string
  readonly groups?: readonly string[]
  readonly uid?: string
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

/** Everything needed to talk to one API server. */
export interface ClusterAccess {
  /** What messages call it: the context's name, `in-cluster`, or the server. */
  readonly name: string
  /** Base URL: scheme, host, port and path prefix; no userinfo, no trailing slash. */
  readonly server: string
  /** The namespace of the context; `default` when it has none. */
  readonly namespace: string
  readonly tls: {
    /** Authorities to trust, PEM; the machine's own when absent. */
    readonly ca?: string
    /** Name to ask for and to check, instead of the host of `server`. */
    readonly serverName?: string
    /** Check nothing. */
    readonly insecure: boolean
  }
  /** Forward proxy, `http://` or `https://`; may hold credentials, so never print it. */
  readonly proxyUrl?: Secret
  readonly credentials: CredentialSource
  readonly impersonate?: Impersonation
}

/** Credentials that never change. */
export function fixedCredentials(credentials: Credentials): CredentialSource {
  return { current: () => credentials, refresh: () => false }
}

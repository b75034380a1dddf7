import type { Secret } from '../secrets/secret.ts'

/** How to prove who we are to a Git server. Never part of a URL or an argument. */
export type GitAuth =
  | { readonly kind: 'basic'; readonly username: string; readonly password: Secret }
  | { readonly kind: 'bearer'; readonly token: Secret }
  | {
      readonly kind: 'ssh'
      /** Private key in PEM or OpenSSH form. */
      readonly privateKey: Secret
      readonly passphrase?: Secret
      /** Lines in known_hosts form. */
      readonly knownHosts: string
    }

/** A repository on a server. */
export interface GitRemote {
  /** https, http (loopback or explicitly allowed) or ssh; without userinfo. */
  readonly url: string
  readonly auth?: GitAuth
  /** PEM certificates to trust besides the system's. */
  readonly ca?: string
  /** Certificate and key of ours, PEM, for servers that ask for one. */
  readonly client?: { readonly certificate: string; readonly key: Secret }
  /** Address of an HTTP proxy; a Secret when it holds a login. */
  readonly proxy?: string | Secret
  /** Accept an http address whose host is not this machine; then credentials travel in the clear. False when absent. */
  readonly allowPlainHttp?: boolean
}

export interface CommitAuthor {
  readonly name: string
  readonly email: string
}

/** One file in a change: `content: undefined` removes it. Paths as in FileTree. */
export interface FileChange {
  readonly path: string
  readonly content: string | Buffer | undefined
  readonly executable?: boolean
}

export interface Commit {
  readonly sha: string
  readonly parents: readonly string[]
  readonly author: CommitAuthor
  /** ISO 8601. */
  readonly date: string
  readonly subject: string
  readonly body: string
}

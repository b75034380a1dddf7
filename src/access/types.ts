/** What a person may do in a project and environment; each holds what the one before it holds. */
export type Role = 'viewer' | 'operator' | 'administrator'

/** A role in a scope; `*` stands for every project or environment. */
export interface Grant {
  readonly role: Role
  readonly project: string
  readonly environment: string
}

/** Where something is: what a role has to reach. `*` asks for a grant of every one. */
export interface Scope {
  readonly project: string
  readonly environment: string
}

export interface Person {
  readonly id: string
  readonly name: string
  readonly displayName: string
  readonly via: 'password' | 'oidc' | 'token'
}

/** Who a request comes from, proven by a session or an API token. */
export interface Principal {
  readonly person: Person
  readonly grants: readonly Grant[]
  /** SHA-256 of the session's id. */
  readonly session?: string
  /** Id of the API token. */
  readonly token?: string
}

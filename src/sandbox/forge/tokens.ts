import { createHash, randomInt } from 'node:crypto'
import { Secret } from '../../secrets/secret.ts'
import type { Store } from './store.ts'

/** The rights that a fine-grained token can carry, as GitHub names them. */
export type Permissions = Readonly<Record<string, 'read' | 'write' | 'admin'>>

/** A personal access token, without its text: only the SHA-256 of that is stored. */
export interface Token {
  readonly id: number
  readonly account: number
  readonly kind: 'classic' | 'fine-grained'
  /** Whose API it is for. GitLab's tokens are of kind `classic`, with GitLab's scopes. */
  readonly api: 'github' | 'gitlab'
  readonly name: string | undefined
  readonly createdAt: string
  readonly scopes: readonly string[]
  readonly permissions: Permissions
  /** Fine-grained: whose repositories it is for. */
  readonly resourceOwner: number
  /** Fine-grained: ids of the repositories it is for; undefined for all of the owner. */
  readonly repositories: readonly number[] | undefined
  /** Ids of organizations that it was authorized for single sign-on with. */
  readonly sso: readonly number[]
  readonly expiresAt: string | undefined
  readonly revokedAt: string | undefined
}

/** Everything about a new token but its text. */
export type NewToken = Omit<Token, 'id' | 'revokedAt' | 'createdAt'>

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const random = (length: number) => Array.from({ length }, () => letters[randomInt(letters.length)]).join('')

/** Makes a token with a text of GitHub's shape. The text is not kept: this is the only time that it is known. */
export function insertToken(
  store: Store,
  token: NewToken,
  now: Date,
  gitLabPrefix: 'glpat-' | 'gldt-' = 'glpat-',
): { readonly id: number; readonly text: Secret } {
  const text = Secret.of(
    token.api === 'gitlab'
      ? `${gitLabPrefix}${random(20)}`
      : token.kind === 'classic'
        ? `ghp_${random(36)}`
        : `github_pat_${random(22)}_${random(59)}`,
  )
  const { lastInsertRowid } = store
    .prepare(
      'INSERT INTO tokens (account, kind, digest, scopes, permissions, resource_owner, repositories, sso, expires_at, created_at, api, name) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    )
    .run(
      token.account,
      token.kind,
      digest(text.reveal()),
      JSON.stringify(token.scopes),
      JSON.stringify(token.permissions),
      token.resourceOwner,
      token.repositories === undefined ? null : JSON.stringify(token.repositories),
      JSON.stringify(token.sso),
      token.expiresAt ?? null,
      now.toISOString(),
      token.api,
      token.name ?? null,
    )
  return { id: Number(lastInsertRowid), text }
}

/** The token with this text, also when it is expired or revoked. */
export function tokenByText(store: Store, text: string): Token | undefined {
  if (text === '' || text.length > 512) return undefined
  const row = store.prepare('SELECT * FROM tokens WHERE digest = ?').get(digest(text)) as
    | Record<string, unknown>
    | undefined
  if (!row) return undefined
  return {
    id: row['id'] as number,
    account: row['account'] as number,
    kind: row['kind'] as Token['kind'],
    api: row['api'] as Token['api'],
    name: (row['name'] as string | null) ?? undefined,
    createdAt: row['created_at'] as string,
    scopes: JSON.parse(row['scopes'] as string),
    permissions: JSON.parse(row['permissions'] as string),
    resourceOwner: row['resource_owner'] as number,
    repositories: row['repositories'] === null ? undefined : JSON.parse(row['repositories'] as string),
    sso: JSON.parse(row['sso'] as string),
    expiresAt: (row['expires_at'] as string | null) ?? undefined,
    revokedAt: (row['revoked_at'] as string | null) ?? undefined,
  }
}

/** Ends a token for good. False when no token has this text. */
export function revokeToken(store: Store, text: string, now: Date): boolean {
  const { changes } = store
    .prepare('UPDATE tokens SET revoked_at = coalesce(revoked_at, ?) WHERE digest = ?')
    .run(now.toISOString(), digest(text))
  return changes > 0
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

import { isObject } from '../../base/json.ts'
import type { Secret } from '../../secrets/secret.ts'
import { classifyToken } from '../token-shape.ts'
import type { TransportAnswer } from '../transport.ts'
import type { DeployKey, ForgeIdentity, ForgeRepository, Webhook } from '../types.ts'

/** What `GET /user` and its headers say of the account and the token. */
export function readIdentity(
  user: Record<string, unknown>,
  answer: TransportAnswer,
  token: Secret | undefined,
): ForgeIdentity {
  const scopes = answer.headers['x-oauth-scopes']
  const expiresAt = readExpiry(answer.headers['github-authentication-token-expiration'])
  return {
    login: String(user['login'] ?? ''),
    tokenKind: tokenKind(token, scopes !== undefined),
    ...(scopes !== undefined && { scopes: readScopes(scopes) }),
    ...(expiresAt !== undefined && { expiresAt }),
  }
}

/** `repo, read:org` as a list. */
export function readScopes(header: string): string[] {
  return header
    .split(',')
    .map(scope => scope.trim())
    .filter(scope => scope !== '')
}

/** `2026-01-31 09:00:00 UTC`, or with an offset such as `+0100`, as ISO 8601; undefined when it is not a date. */
export function readExpiry(header: string | undefined): string | undefined {
  const found = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)\s*(UTC|Z|[+-]\d\d:?\d\d)?$/.exec(header?.trim() ?? '')
  if (!found) return undefined
  const [, day, time, zone = 'UTC'] = found
  const offset =
    zone === 'UTC' || zone === 'Z' ? 'Z' : zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`
  const date = new Date(`${day}T${time}${offset}`)
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}

/** The header for scopes is there for classic and OAuth tokens only; the shape tells the rest. */
function tokenKind(token: Secret | undefined, hasScopes: boolean): ForgeIdentity['tokenKind'] {
  const { kind } = classifyToken(token?.reveal() ?? '')
  if (kind === 'fine-grained') return 'fine-grained'
  if (kind === 'oauth') return 'oauth'
  if (kind === 'app-user' || kind === 'app-installation') return 'app'
  if (kind === 'classic' || hasScopes) return 'classic'
  return 'unknown'
}

/** A repository of the API in our terms. */
export function readRepository(found: Record<string, unknown>): ForgeRepository {
  const owner = isObject(found['owner']) ? String(found['owner']['login']) : ''
  const permissions = isObject(found['permissions']) ? found['permissions'] : {}
  return {
    ...(found['id'] !== undefined && { id: String(found['id']) }),
    owner,
    name: String(found['name'] ?? ''),
    private: found['private'] === true,
    archived: found['archived'] === true || found['disabled'] === true,
    // Gitea tells this; GitHub does not.
    ...(typeof found['empty'] === 'boolean' && { empty: found['empty'] }),
    defaultBranch: String(found['default_branch'] ?? 'main'),
    cloneUrl: String(found['clone_url'] ?? ''),
    webUrl: String(found['html_url'] ?? ''),
    permissions: {
      pull: permissions['pull'] === true,
      push: permissions['push'] === true,
      admin: permissions['admin'] === true,
    },
  }
}

/** A deploy key of the API in our terms; Gitea answers in the same form. */
export function readDeployKey(found: Record<string, unknown>): DeployKey {
  return {
    id: String(found['id'] ?? ''),
    title: String(found['title'] ?? ''),
    key: String(found['key'] ?? ''),
    readOnly: found['read_only'] === true,
  }
}

/** A webhook of the API in our terms; Gitea answers in the same form. */
export function readWebhook(found: Record<string, unknown>): Webhook {
  const config = isObject(found['config']) ? found['config'] : {}
  return { id: String(found['id'] ?? ''), url: String(config['url'] ?? ''), active: found['active'] === true }
}

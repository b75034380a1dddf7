import { isObject } from '../../base/json.ts'
import type { DeployKey, ForgeIdentity, ForgeRepository, Webhook } from '../types.ts'

/** What `GET /personal_access_tokens/self` and `GET /user` say; either may be refused or missing on old instances. */
export function readIdentity(
  user: Record<string, unknown> | undefined,
  token: Record<string, unknown> | undefined,
): ForgeIdentity {
  const login = String(user?.['username'] ?? '')
  const scopes = Array.isArray(token?.['scopes']) ? token['scopes'].map(String) : undefined
  const expiresAt = readDay(token?.['expires_at'])
  return {
    login,
    tokenKind: tokenKind(login, user),
    ...(scopes && { scopes }),
    ...(expiresAt !== undefined && { expiresAt }),
  }
}

/** Project and group tokens belong to bot users whose names GitLab makes: `project_12_bot_…`, `group_7_bot_…`. */
function tokenKind(login: string, user: Record<string, unknown> | undefined): ForgeIdentity['tokenKind'] {
  if (user === undefined) return 'unknown'
  if (/^project_\d+_bot/.test(login)) return 'project'
  return /^group_\d+_bot/.test(login) ? 'group' : 'personal'
}

/** The end of a token is a day, at midnight UTC. */
function readDay(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const date = new Date(/^\d{4}-\d\d-\d\d$/.test(value) ? `${value}T00:00:00Z` : value)
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}

/** A project of the API in our terms, for an account of this access level on it (0: none; undefined: not told). */
export function readProject(found: Record<string, unknown>, level: number | undefined): ForgeRepository {
  const full = String(found['path_with_namespace'] ?? '')
  const slash = full.lastIndexOf('/')
  const marked = found['marked_for_deletion_on'] ?? found['marked_for_deletion_at']
  const isPrivate = found['visibility'] !== 'public'
  return {
    ...(found['id'] !== undefined && { id: String(found['id']) }),
    owner: full.slice(0, slash),
    name: full.slice(slash + 1),
    private: isPrivate,
    archived: found['archived'] === true,
    ...(typeof found['empty_repo'] === 'boolean' && { empty: found['empty_repo'] }),
    ...(typeof marked === 'string' && { deletionOn: marked.slice(0, 10) }),
    defaultBranch: typeof found['default_branch'] === 'string' ? found['default_branch'] : 'main',
    cloneUrl: String(found['http_url_to_repo'] ?? ''),
    webUrl: String(found['web_url'] ?? ''),
    permissions: {
      pull: level === undefined || level >= 20 || !isPrivate,
      push: (level ?? 0) >= 30,
      admin: (level ?? 0) >= 40,
      ...(level === undefined && { undetermined: true }),
    },
  }
}

/** The access level that a project's `permissions` give, directly or through its group; 0 for none. */
export function levelIn(project: Record<string, unknown>): number {
  const permissions = isObject(project['permissions']) ? project['permissions'] : {}
  const levels = [permissions['project_access'], permissions['group_access']].map(access =>
    isObject(access) && typeof access['access_level'] === 'number' ? access['access_level'] : 0,
  )
  return Math.max(...levels)
}

/** A deploy key of the API in our terms. */
export function readDeployKey(found: Record<string, unknown>): DeployKey {
  return {
    id: String(found['id'] ?? ''),
    title: String(found['title'] ?? ''),
    key: String(found['key'] ?? ''),
    readOnly: found['can_push'] !== true,
  }
}

/** A hook of the API in our terms. */
export function readHook(found: Record<string, unknown>): Webhook {
  const isOff = found['alert_status'] === 'disabled' || found['push_events'] === false
  return { id: String(found['id'] ?? ''), url: String(found['url'] ?? ''), active: !isOff }
}

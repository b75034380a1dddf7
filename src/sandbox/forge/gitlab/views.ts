import { accountLevel } from '../access.ts'
import { type Account, isBot, parentOf } from '../accounts.ts'
import type { ForgeContext } from '../context.ts'
import type { StoredRepository } from '../repositories.ts'
import { groupLevel, type KnownCaller, projectLevel } from './guard.ts'

/** Dates of the API have milliseconds. */
export function stamp(iso: string): string {
  return new Date(iso).toISOString()
}

/** The last part of a path. */
function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** A user as part of something else. */
export function userView(context: ForgeContext, user: Account): Record<string, unknown> {
  return {
    id: user.id,
    username: user.login,
    public_email: null,
    name: user.name ?? user.login,
    state: 'active',
    locked: false,
    avatar_url: null,
    web_url: `${context.url}/${user.login}`,
  }
}

/** The user that asks. */
export function selfView(context: ForgeContext, user: Account): Record<string, unknown> {
  return {
    ...userView(context, user),
    created_at: stamp(user.createdAt),
    bio: '',
    location: '',
    bot: isBot(user),
    last_sign_in_at: null,
    confirmed_at: stamp(user.createdAt),
    email: user.email ?? `${user.login}@users.noreply.localhost`,
    commit_email: user.email ?? `${user.login}@users.noreply.localhost`,
    theme_id: 1,
    color_scheme_id: 1,
    projects_limit: isBot(user) ? 0 : 100_000,
    current_sign_in_at: null,
    identities: [],
    can_create_group: !isBot(user),
    can_create_project: !isBot(user),
    two_factor_enabled: true,
    external: false,
    private_profile: false,
  }
}

/** A group. */
export function groupView(context: ForgeContext, group: Account): Record<string, unknown> {
  const parent = parentOf(context.store, group.id)
  return {
    id: group.id,
    web_url: `${context.url}/groups/${group.login}`,
    name: group.name ?? lastPart(group.login),
    path: lastPart(group.login),
    description: '',
    visibility: 'private',
    share_with_group_lock: false,
    require_two_factor_authentication: false,
    two_factor_grace_period: 48,
    project_creation_level: group.membersCanCreateRepositories ? 'developer' : 'owner',
    auto_devops_enabled: null,
    subgroup_creation_level: 'maintainer',
    emails_disabled: false,
    mentions_disabled: null,
    lfs_enabled: true,
    archived: false,
    default_branch_protection: 2,
    avatar_url: null,
    request_access_enabled: true,
    full_name: group.login.split('/').join(' / '),
    full_path: group.login,
    created_at: stamp(group.createdAt),
    parent_id: parent?.id ?? null,
  }
}

function namespaceView(context: ForgeContext, owner: Account): Record<string, unknown> {
  const isGroup = owner.kind === 'organization'
  return {
    id: owner.id,
    name: owner.name ?? lastPart(owner.login),
    path: lastPart(owner.login),
    kind: isGroup ? 'group' : 'user',
    full_path: owner.login,
    parent_id: parentOf(context.store, owner.id)?.id ?? null,
    avatar_url: null,
    web_url: isGroup ? `${context.url}/groups/${owner.login}` : `${context.url}/${owner.login}`,
  }
}

/** A project, with what the caller may do. */
export function projectView(
  context: ForgeContext,
  caller: KnownCaller,
  owner: Account,
  repository: StoredRepository,
): Record<string, unknown> {
  const full = `${owner.login}/${repository.name}`
  const web = `${context.url}/${full}`
  const level = projectLevel(accountLevel(context.store, caller, repository))
  const inGroup = owner.kind === 'organization' ? groupLevel(context, owner, caller.user.id) : 0
  const access = (value: number) => (value === 0 ? null : { access_level: value, notification_level: 3 })
  return {
    id: repository.id,
    description: repository.description,
    name: repository.name,
    name_with_namespace: full.split('/').join(' / '),
    path: repository.name,
    path_with_namespace: full,
    created_at: stamp(repository.createdAt),
    default_branch: repository.pushedAt === null ? null : repository.defaultBranch,
    tag_list: [],
    topics: [],
    ssh_url_to_repo: `ssh://git@127.0.0.1/${full}.git`,
    http_url_to_repo: `${web}.git`,
    web_url: web,
    readme_url: null,
    forks_count: 0,
    avatar_url: null,
    star_count: 0,
    last_activity_at: stamp(repository.updatedAt),
    namespace: namespaceView(context, owner),
    empty_repo: repository.pushedAt === null,
    archived: repository.archived,
    visibility: repository.private ? 'private' : 'public',
    merge_method: 'merge',
    creator_id: caller.user.id,
    permissions: {
      project_access: access(owner.kind === 'user' && owner.id === caller.user.id ? 50 : inGroup >= level ? 0 : level),
      group_access: access(inGroup),
    },
  }
}

import { accountLevel, reaches } from '../access.ts'
import { type Account, accountById } from '../accounts.ts'
import type { Caller } from '../caller.ts'
import type { ForgeContext } from '../context.ts'
import type { StoredRepository } from '../repositories.ts'

/** GitHub's opaque ids. */
export function nodeId(kind: string, id: number | string): string {
  return Buffer.from(`0${kind.length}:${kind}${id}`).toString('base64')
}

/** Dates of the API have no fractions of a second. */
export function stamp(iso: string): string {
  return `${iso.slice(0, 19)}Z`
}

/** An account as part of something else (`simple-user`). */
export function simpleAccount(context: ForgeContext, account: Account): Record<string, unknown> {
  const api = `${context.url}/api/v3/users/${account.login}`
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId(account.kind === 'user' ? 'User' : 'Organization', account.id),
    avatar_url: `${context.url}/avatars/${account.id}`,
    gravatar_id: '',
    url: api,
    html_url: `${context.url}/${account.login}`,
    followers_url: `${api}/followers`,
    following_url: `${api}/following{/other_user}`,
    gists_url: `${api}/gists{/gist_id}`,
    starred_url: `${api}/starred{/owner}{/repo}`,
    subscriptions_url: `${api}/subscriptions`,
    organizations_url: `${api}/orgs`,
    repos_url: `${api}/repos`,
    events_url: `${api}/events{/privacy}`,
    received_events_url: `${api}/received_events`,
    type: account.kind === 'user' ? 'User' : 'Organization',
    user_view_type: 'public',
    site_admin: false,
  }
}

/** An account in full (`public-user`). */
export function fullAccount(context: ForgeContext, account: Account): Record<string, unknown> {
  return {
    ...simpleAccount(context, account),
    name: account.name,
    company: null,
    blog: '',
    location: null,
    email: account.email,
    hireable: null,
    bio: null,
    twitter_username: null,
    public_repos: countRepositories(context, account, false),
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: stamp(account.createdAt),
    updated_at: stamp(account.createdAt),
  }
}

/** How many repositories of a visibility an account has. */
export function countRepositories(context: ForgeContext, account: Account, isPrivate: boolean): number {
  const row = context.store
    .prepare('SELECT count(*) AS number FROM repositories WHERE owner = ? AND private = ?')
    .get(account.id, Number(isPrivate))
  return (row as { number: number }).number
}

/** What hangs below a repository: the name of the link, and the template of its path. */
const linkPaths: Readonly<Record<string, string>> = {
  archive: '{archive_format}{/ref}',
  assignees: 'assignees{/user}',
  blobs: 'git/blobs{/sha}',
  branches: 'branches{/branch}',
  collaborators: 'collaborators{/collaborator}',
  comments: 'comments{/number}',
  commits: 'commits{/sha}',
  compare: 'compare/{base}...{head}',
  contents: 'contents/{+path}',
  contributors: 'contributors',
  deployments: 'deployments',
  downloads: 'downloads',
  events: 'events',
  forks: 'forks',
  git_commits: 'git/commits{/sha}',
  git_refs: 'git/refs{/sha}',
  git_tags: 'git/tags{/sha}',
  hooks: 'hooks',
  issue_comment: 'issues/comments{/number}',
  issue_events: 'issues/events{/number}',
  issues: 'issues{/number}',
  keys: 'keys{/key_id}',
  labels: 'labels{/name}',
  languages: 'languages',
  merges: 'merges',
  milestones: 'milestones{/number}',
  notifications: 'notifications{?since,all,participating}',
  pulls: 'pulls{/number}',
  releases: 'releases{/id}',
  stargazers: 'stargazers',
  statuses: 'statuses/{sha}',
  subscribers: 'subscribers',
  subscription: 'subscription',
  tags: 'tags',
  teams: 'teams',
  trees: 'git/trees{/sha}',
}

function links(api: string): Record<string, string> {
  return Object.fromEntries(Object.entries(linkPaths).map(([name, path]) => [`${name}_url`, `${api}/${path}`]))
}

/** A repository (`full-repository`), with what the caller may do. */
export function repositoryView(
  context: ForgeContext,
  caller: Caller,
  repository: StoredRepository,
): Record<string, unknown> {
  const owner = accountById(context.store, repository.owner)!
  const fullName = `${owner.login}/${repository.name}`
  const api = `${context.url}/api/v3/repos/${fullName}`
  const web = `${context.url}/${fullName}`
  const level = accountLevel(context.store, caller, repository)
  return {
    id: repository.id,
    node_id: nodeId('Repository', repository.id),
    name: repository.name,
    full_name: fullName,
    private: repository.private,
    owner: simpleAccount(context, owner),
    html_url: web,
    description: repository.description,
    fork: false,
    url: api,
    ...links(api),
    git_url: `${web.replace(/^http/, 'git')}.git`,
    ssh_url: `ssh://git@127.0.0.1/${fullName}.git`,
    clone_url: `${web}.git`,
    svn_url: web,
    mirror_url: null,
    homepage: null,
    language: null,
    license: null,
    forks_count: 0,
    forks: 0,
    stargazers_count: 0,
    watchers_count: 0,
    watchers: 0,
    subscribers_count: 0,
    network_count: 0,
    size: 0,
    default_branch: repository.defaultBranch,
    open_issues_count: 0,
    open_issues: 0,
    is_template: false,
    topics: [],
    has_issues: false,
    has_projects: false,
    has_wiki: false,
    has_pages: false,
    has_downloads: false,
    has_discussions: false,
    archived: repository.archived,
    disabled: false,
    visibility: repository.private ? 'private' : 'public',
    allow_forking: false,
    web_commit_signoff_required: false,
    pushed_at: stamp(repository.pushedAt ?? repository.createdAt),
    created_at: stamp(repository.createdAt),
    updated_at: stamp(repository.updatedAt),
    ...(owner.kind === 'organization' && { organization: simpleAccount(context, owner) }),
    ...(caller.kind === 'known' && {
      permissions: {
        admin: level === 'admin',
        maintain: level === 'admin',
        push: reaches(level, 'write'),
        triage: reaches(level, 'write'),
        pull: reaches(level, 'read'),
      },
    }),
  }
}

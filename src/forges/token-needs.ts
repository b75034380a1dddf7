import { forgeCapabilities, forgeKinds } from './create-forge.ts'
import type { ForgeKind } from './types.ts'

/** What a token or key needs for one use of Sluice. */
export interface TokenNeed {
  /** What it is for. */
  readonly use:
    | 'push to a repository that is there'
    | 'open pull or merge requests'
    | 'add deploy keys and webhooks'
    | 'create the repository'
  /** Rights of the token, in the words of the host's pages. */
  readonly rights: string
  /** Role of the account, where the host has roles. */
  readonly role: string
}

/** What one kind of host needs, least privilege first. */
export interface HostNeeds {
  readonly title: string
  /** Where a token is made. */
  readonly page: string
  readonly needs: readonly TokenNeed[]
  /** What is special; one sentence each. */
  readonly notes: readonly string[]
}

const push = 'push to a repository that is there'
const review = 'open pull or merge requests'
const keys = 'add deploy keys and webhooks'
const create = 'create the repository'

/** The table behind docs/guides/tokens.md, which a test keeps equal to it. */
export const tokenNeeds: Readonly<Record<ForgeKind, HostNeeds>> = {
  github: {
    title: 'GitHub (github.com, Enterprise Server)',
    page: 'Settings › Developer settings › Personal access tokens',
    needs: [
      { use: push, rights: 'fine-grained: Contents read and write, for this repository alone', role: 'write' },
      {
        use: review,
        rights: 'fine-grained: also Pull requests read and write; classic: `repo`',
        role: 'write',
      },
      {
        use: keys,
        rights: 'fine-grained: also Administration and Webhooks read and write; classic: `repo`',
        role: 'admin',
      },
      {
        use: create,
        rights:
          'fine-grained: Administration read and write for all repositories of the owner; classic: `repo`, and `read:org` for an organization',
        role: 'owner, or a member where members may create repositories',
      },
    ],
    notes: [
      'A fine-grained token belongs to one owner: make it with the organization as resource owner, whose owners may have to approve it.',
      'GitHub has no call that lists the permissions of a fine-grained token; Sluice tries reads, and asks git whether it would take a push.',
      'An organization with SAML single sign-on wants a classic token to be authorized: the diagnosis shows the page.',
      'A deploy key stops working when the token that added it is removed.',
    ],
  },
  gitlab: {
    title: 'GitLab (gitlab.com, self-managed)',
    page: 'Preferences › Access tokens; or Settings › Access tokens of a group or project',
    needs: [
      { use: push, rights: '`read_api` and `write_repository`, as a project token', role: 'Developer' },
      { use: review, rights: '`api`', role: 'Developer' },
      { use: keys, rights: '`api`', role: 'Maintainer' },
      {
        use: create,
        rights: '`api`, as a personal or group token',
        role: 'as the group wants it of those who create projects; Developer at least',
      },
    ],
    notes: [
      'Groups are written by path, also within groups (`acme/platform`), or by id.',
      'An instance below a path is written with it: `git.example.com/gitlab`.',
      'The scopes of a token cannot be changed: make a new one.',
      'Every token ends after a year at the latest, unless the instance allows more.',
    ],
  },
  gitea: {
    title: 'Gitea, Forgejo, Codeberg',
    page: 'Settings › Applications',
    needs: [
      { use: push, rights: '`write:repository`', role: 'write' },
      { use: review, rights: '`write:repository`', role: 'write' },
      { use: keys, rights: '`write:repository`', role: 'admin' },
      {
        use: create,
        rights:
          '`write:repository` and `read:user`; `write:user` in the own account, `write:organization` in an organization',
        role: 'owner, or a member of a team that may create repositories',
      },
    ],
    notes: ['A call that lacks a scope is refused in words that name it; the diagnosis shows them.'],
  },
  bitbucket: {
    title: 'Bitbucket Cloud',
    page: 'Atlassian account › Security › API tokens; or Repository settings › Access tokens',
    needs: [
      { use: push, rights: 'an access token of the repository with Repositories: Write', role: 'write' },
      { use: review, rights: 'also Pull requests: Write', role: 'write' },
      { use: keys, rights: 'also Repositories: Admin and Webhooks', role: 'admin' },
      {
        use: create,
        rights:
          'an API token with `read:user:bitbucket`, `read:workspace:bitbucket`, `write:repository:bitbucket`, `admin:repository:bitbucket`',
        role: 'as the project wants it of those who create repositories',
      },
    ],
    notes: [
      'An API token is given together with the e-mail address of the account; access tokens go without a name.',
      'Access keys of Bitbucket Cloud only read: pushes need a token.',
    ],
  },
  'bitbucket-server': {
    title: 'Bitbucket Data Center',
    page: 'Manage account › HTTP access tokens',
    needs: [
      { use: push, rights: 'Repository write', role: 'Repository write' },
      { use: review, rights: 'Repository write', role: 'Repository write' },
      { use: keys, rights: 'Repository admin', role: 'Repository admin' },
      { use: create, rights: 'Project admin', role: 'Project admin, or Repository create' },
    ],
    notes: ['The owner is the key of a project (`FLEET`), or `~name` for a personal one.'],
  },
  'azure-devops': {
    title: 'Azure DevOps',
    page: 'User settings › Personal access tokens',
    needs: [
      { use: push, rights: 'Code: Read & write', role: 'Contribute on the repository' },
      {
        use: review,
        rights: 'Code: Read & write',
        role: 'Contribute and Contribute to pull requests on the repository',
      },
      {
        use: create,
        rights: 'Code: Full, and Project and Team: Read',
        role: 'Create repository on the Git repositories of the project',
      },
    ],
    notes: [
      'The host is written with the organization (`dev.azure.com/acme`); the owner is a project.',
      'A token that ended or was revoked gets a page to sign in, which the diagnosis names as what it is.',
      'There are no deploy keys; a service hook for pushes is added by hand.',
    ],
  },
  git: {
    title: 'Any Git server over HTTPS or SSH, AWS CodeCommit',
    page: 'as the server has it',
    needs: [{ use: push, rights: 'a password, a token, or a private key with known host keys', role: 'write' }],
    notes: [
      'The repository is made by hand; rules of branches are not told, a refused push says so.',
      'There are no pull requests to open: where a branch takes no pushes, Sluice pushes a branch of its own and says what to merge.',
      'Addresses may be written `https://…`, `ssh://…` or `git@host:path`, with the user and port of the server.',
    ],
  },
}

/** The table as Markdown: for each host what a token needs, least privilege first, and what the host can do. */
export function tokenNeedsMarkdown(): string {
  return forgeKinds.map(section).join('\n')
}

function section(kind: ForgeKind): string {
  const { title, page, needs, notes } = tokenNeeds[kind]
  const rows = needs.map(({ use, rights, role }) => `| ${use} | ${rights} | ${role} |`)
  return [
    `### ${title}`,
    '',
    `Kind \`${kind}\`. A token is made at: ${page}.`,
    '',
    '| to | the token needs | the account is |',
    '|---|---|---|',
    ...rows,
    '',
    `Sluice can, through its API: ${abilities(kind)}.`,
    '',
    ...notes.map(note => `- ${note}`),
    '',
  ].join('\n')
}

function abilities(kind: ForgeKind): string {
  const able = forgeCapabilities[kind]
  const words = [
    ...(able.createRepository ? ['create and remove repositories'] : []),
    ...(able.deployKeys === 'read-write' ? ['add deploy keys'] : []),
    ...(able.deployKeys === 'read-only' ? ['add deploy keys that read'] : []),
    ...(able.webhooks ? ['add webhooks'] : []),
    ...(able.changeRequests === 'none' ? [] : [`open and follow ${able.changeRequests}s`]),
    ...(able.branchProtection ? ['read what protects a branch'] : []),
    ...(able.tokenRights === 'told' ? ['read the scopes of the token'] : []),
    ...(able.tokenRights === 'partly' ? ['read the scopes of some kinds of tokens'] : []),
    ...(able.tokenExpiry ? ['read when the token ends'] : []),
  ]
  return words.length === 0 ? 'nothing (there is none); it fetches and pushes' : words.join(', ')
}

import { systemClock } from '../../../src/base/clock.ts'
import { createForge, type Forge, type ForgeConnection, type TokenTarget } from '../../../src/forges/index.ts'
import type { CreateGitLabToken, CreateToken, Misbehaviour } from '../../../src/sandbox/forge/index.ts'
import { Secret } from '../../../src/secrets/secret.ts'
import { tokens, type World } from './world.ts'

/** One state of a token and its host, and the diagnosis that a person shall read. */
export interface State {
  readonly name: string
  readonly open: (world: World) => Forge
  readonly target?: Partial<TokenTarget>
  /** The check that finds it, and its code; `warn` for a warning; undefined when nothing is wrong. */
  readonly found?: readonly [id: string, code: string]
}

type Options = Partial<ForgeConnection>

/** Time stands still where waits are worded. */
const frozen = { ...systemClock, now: () => new Date('2027-01-01T00:00:00Z'), sleep: async () => {} }
const noSleep = { ...systemClock, sleep: async () => {} }
const userAgent = 'sluice/test'

const github = (world: World, token: Secret | undefined, more: Options = {}) =>
  createForge({ kind: 'github', host: world.recorder.host, token, userAgent, clock: noSleep, ...more })
const gitlab = (world: World, token: Secret | undefined, more: Options = {}) =>
  createForge({ kind: 'gitlab', host: world.recorder.host, token, userAgent, clock: noSleep, ...more })
const gitea = (world: World, token: string) =>
  createForge({ kind: 'gitea', host: world.gitea.host, token: Secret.of(token), userAgent, clock: noSleep })
const bitbucket = (world: World, token: string, username?: string) =>
  createForge({
    kind: 'bitbucket',
    host: world.bitbucket.host,
    token: Secret.of(token),
    userAgent,
    clock: noSleep,
    ...(username !== undefined && { username }),
  })
const server = (world: World, token: string) =>
  createForge({ kind: 'bitbucket-server', host: world.server.host, token: Secret.of(token), userAgent, clock: noSleep })
const azure = (world: World, token: string, organization = 'acme') =>
  createForge({
    kind: 'azure-devops',
    host: `${world.azure.host}/${organization}`,
    token: Secret.of(token),
    userAgent,
    clock: noSleep,
  })

const classic = (world: World, token: Partial<CreateToken> = {}, more: Options = {}) =>
  github(
    world,
    world.sandbox.admin.createToken({ user: 'mona', kind: 'classic', scopes: ['repo', 'read:org'], ...token }),
    more,
  )
const fine = (world: World, permissions: CreateToken['permissions'], more: Partial<CreateToken> = {}) =>
  github(
    world,
    world.sandbox.admin.createToken({
      user: 'mona',
      kind: 'fine-grained',
      resourceOwner: 'acme',
      permissions: permissions ?? {},
      ...more,
    }),
  )
const personal = (world: World, token: Partial<CreateGitLabToken> = {}, more: Options = {}) =>
  gitlab(world, world.sandbox.admin.createGitLabToken({ user: 'mona', scopes: ['api'], ...token }), more)

/** A GitHub that misbehaves from the first call on. */
const faulty = (world: World, fault: Misbehaviour, more: Options = {}) => {
  world.sandbox.misbehave({ match: '/user', times: 20, ...fault })
  return classic(world, {}, more)
}
const limited = (
  world: World,
  headers: Record<string, string>,
  body: unknown = { message: 'slow down' },
  status = 429,
) => faulty(world, { status, headers, body }, { clock: frozen, maxWaitMs: 1 })

/** A host on which something goes wrong. */
const spoiled = (host: { misbehave(fault: Misbehaviour): unknown }, fault: Misbehaviour, forge: Forge): Forge => {
  host.misbehave(fault)
  return forge
}

const revoked = (world: World): Secret => {
  const token = world.sandbox.admin.createToken({ user: 'mona', kind: 'classic', scopes: ['repo'] })
  world.sandbox.admin.revokeToken(token)
  return token
}
const revokedGitLab = (world: World): Secret => {
  const token = world.sandbox.admin.createGitLabToken({ user: 'mona', scopes: ['api'] })
  world.sandbox.admin.revokeToken(token)
  return token
}
const html = {
  status: 200,
  headers: { 'content-type': 'text/html' },
  body: '<html><title>Sign in to Acme</title></html>',
}
const account = ['token.account', 'E_TOKEN_REFUSED'] as const
const full = { repository: 'full' }

/** The matrix: every forge, every way in which a token or its host is not as it should be. */
export const states: readonly State[] = [
  { name: 'github: healthy, the repository is not there', open: world => classic(world) },
  { name: 'github: healthy, the repository is there', open: world => classic(world), target: full },
  {
    name: 'github: no token',
    open: world => github(world, undefined, { tokenSource: 'GITHUB_TOKEN' }),
    found: ['token.shape', 'E_TOKEN_MISSING'],
  },
  {
    name: 'github: a line break behind the token',
    open: world => github(world, Secret.of(`ghp_${'a'.repeat(36)}\n`)),
    found: ['token.shape', 'E_TOKEN_MALFORMED'],
  },
  {
    name: 'github: the token was cut',
    open: world => github(world, Secret.of('ghp_abcdef')),
    found: ['token.shape', 'E_TOKEN_MALFORMED'],
  },
  {
    name: 'github: a token of GitLab',
    open: world => github(world, Secret.of(`glpat-${'a'.repeat(20)}`)),
    found: ['token.shape', 'E_TOKEN_WRONG_HOST'],
  },
  {
    name: 'github: a refresh token',
    open: world => github(world, Secret.of(`ghr_${'a'.repeat(36)}`)),
    found: ['token.shape', 'E_TOKEN_WRONG_KIND'],
  },
  { name: 'github: unknown token', open: world => github(world, Secret.of(`ghp_${'a'.repeat(36)}`)), found: account },
  { name: 'github: expired', open: world => classic(world, { expiresAt: new Date(0) }), found: account },
  { name: 'github: revoked', open: world => github(world, revoked(world)), found: account },
  {
    name: 'github: the scope repo is missing',
    open: world => classic(world, { scopes: ['read:org'] }),
    found: ['token.scopes', 'E_TOKEN_SCOPE'],
  },
  {
    name: 'github: no scope at all',
    open: world => classic(world, { scopes: [] }),
    target: { private: false },
    found: ['token.scopes', 'E_TOKEN_SCOPE'],
  },
  {
    name: 'github: the scope read:org is missing',
    open: world => classic(world, { scopes: ['repo'] }),
    found: ['owner', 'warn'],
  },
  {
    name: 'github: single sign-on not authorized',
    open: world => classic(world),
    target: { owner: 'guarded' },
    found: ['owner', 'E_TOKEN_SSO'],
  },
  {
    name: 'github: single sign-on authorized',
    open: world => classic(world, { sso: ['guarded'] }),
    target: { owner: 'guarded' },
  },
  {
    name: 'github: no such owner',
    open: world => classic(world),
    target: { owner: 'nobody-here' },
    found: ['owner', 'E_FORGE_OWNER_NOT_FOUND'],
  },
  {
    name: "github: somebody else's account",
    open: world => classic(world),
    target: { owner: 'hubot', personal: true },
    found: ['owner', 'E_FORGE_OWNER_MISMATCH'],
  },
  {
    name: 'github: a user in place of an organization',
    open: world => classic(world),
    target: { owner: 'mona' },
    found: ['owner', 'E_FORGE_OWNER_MISMATCH'],
  },
  {
    name: 'github: an invitation that is not accepted',
    open: world => classic(world),
    target: { owner: 'waiting' },
    found: ['owner', 'E_FORGE_NOT_A_MEMBER'],
  },
  {
    name: 'github: not a member',
    open: world => classic(world, { user: 'stranger' }),
    found: ['repository.create', 'E_FORGE_NOT_A_MEMBER'],
  },
  {
    name: 'github: members may not create repositories',
    open: world => classic(world, { user: 'hubot' }),
    found: ['repository.create', 'E_FORGE_MAY_NOT_CREATE'],
  },
  {
    name: 'github: the account may only read',
    open: world => classic(world, { user: 'hubot' }),
    target: full,
    found: ['repository', 'E_FORGE_READ_ONLY'],
  },
  {
    name: 'github: archived',
    open: world => classic(world),
    target: { repository: 'archived' },
    found: ['repository', 'E_FORGE_REPOSITORY_ARCHIVED'],
  },
  {
    name: 'github: public',
    open: world => classic(world),
    target: { repository: 'open' },
    found: ['repository', 'warn'],
  },
  {
    name: 'github: the branch wants pull requests',
    open: world => classic(world),
    target: { repository: 'locked' },
    found: ['branch', 'E_FORGE_BRANCH_PROTECTED'],
  },
  {
    name: 'github: the branch wants pull requests, administrators exempt',
    open: world => classic(world),
    target: { repository: 'guarded' },
  },
  {
    name: 'github: protected, the account may not see by what',
    open: world => classic(world, { user: 'hubot' }),
    target: { repository: 'guarded' },
    found: ['branch', 'warn'],
  },
  {
    name: 'github: renamed',
    open: world =>
      spoiled(
        world.sandbox,
        {
          match: '/repos/acme/moved',
          times: 9,
          status: 301,
          headers: { location: 'https://elsewhere.example.com/' },
          body: { message: 'Moved Permanently' },
        },
        classic(world),
      ),
    target: { repository: 'moved' },
    found: ['repository', 'E_FORGE_REPOSITORY_MOVED'],
  },
  {
    name: 'github: fine-grained, with every right',
    open: world => fine(world, { contents: 'write', administration: 'write', webhooks: 'write', members: 'read' }),
    target: full,
    found: ['token.scopes', 'warn'],
  },
  {
    name: 'github: fine-grained, contents only to read',
    open: world => fine(world, { contents: 'read', administration: 'write', members: 'read' }),
    target: full,
    found: ['git.push', 'E_TOKEN_SCOPE'],
  },
  {
    name: 'github: fine-grained, no administration',
    open: world => fine(world, { contents: 'write', members: 'read', webhooks: 'read' }),
    target: full,
    found: ['repository.keys', 'warn'],
  },
  {
    name: 'github: fine-grained, for another repository',
    open: world => fine(world, { contents: 'write' }, { repositories: ['open'] }),
    target: full,
    found: ['owner', 'warn'],
  },
  {
    name: 'github: Retry-After in seconds',
    open: world => limited(world, { 'retry-after': '700' }),
    found: ['token.account', 'E_FORGE_RATE_LIMITED'],
  },
  {
    name: 'github: Retry-After as a date',
    open: world => limited(world, { 'retry-after': 'Fri, 01 Jan 2027 00:10:00 GMT' }),
    found: ['token.account', 'E_FORGE_RATE_LIMITED'],
  },
  {
    name: 'github: Retry-After as an old date',
    open: world => limited(world, { 'retry-after': 'Friday, 01-Jan-27 00:20:00 GMT' }),
    found: ['token.account', 'E_FORGE_RATE_LIMITED'],
  },
  {
    name: "github: Retry-After as C's asctime writes dates",
    open: world => limited(world, { 'retry-after': 'Fri Jan  1 00:30:00 2027' }),
    found: ['token.account', 'E_FORGE_RATE_LIMITED'],
  },
  {
    name: 'github: Retry-After is nonsense',
    open: world => limited(world, { 'retry-after': 'later' }),
    found: ['token.account', 'E_FORGE_RATE_LIMITED'],
  },
  {
    name: 'github: the requests of the hour are used up',
    open: world =>
      limited(
        world,
        { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Date.parse('2027-01-01T00:40:00Z') / 1000) },
        {},
        403,
      ),
    found: ['token.account', 'E_FORGE_RATE_LIMITED'],
  },
  {
    name: 'github: a secondary limit',
    open: world => limited(world, {}, { message: 'You have exceeded a secondary rate limit.' }, 403),
    found: ['token.account', 'E_FORGE_RATE_LIMITED'],
  },
  {
    name: 'github: a page to log in',
    open: world => faulty(world, html),
    found: ['token.account', 'E_FORGE_NOT_A_FORGE'],
  },
  {
    name: 'github: another server',
    open: world => faulty(world, { status: 404, body: { error: 'no such page' } }),
    found: ['token.account', 'E_FORGE_NOT_A_FORGE'],
  },
  {
    name: 'github: the host fails',
    open: world => faulty(world, { status: 502, headers: { 'content-type': 'text/html' }, body: 'bad gateway' }),
    found: ['token.account', 'E_FORGE_SERVER_ERROR'],
  },
  {
    name: 'github: no answer in time',
    open: world => faulty(world, { delayMs: 5000 }, { timeoutMs: 60 }),
    found: ['token.account', 'E_FORGE_UNREACHABLE'],
  },
  {
    name: 'github: the connection is cut',
    open: world => faulty(world, { drop: true }),
    found: ['token.account', 'E_FORGE_UNREACHABLE'],
  },
  {
    name: 'github: nothing listens',
    open: world => classic(world, {}, { host: '127.0.0.1:9' }),
    found: ['token.account', 'E_FORGE_UNREACHABLE'],
  },
  {
    name: 'github: the name of the host does not resolve',
    open: world => classic(world, {}, { host: 'git.invalid' }),
    found: ['token.account', 'E_FORGE_UNREACHABLE'],
  },
  {
    name: 'github: a certificate of an unknown authority',
    open: world => classic(world, {}, { host: `https://${world.tls.trusted}` }),
    found: ['token.account', 'E_FORGE_UNREACHABLE'],
  },
  {
    name: 'github: the authority is given',
    open: world => classic(world, {}, { host: `https://${world.tls.trusted}`, ca: world.tls.ca }),
    found: account,
  },
  {
    name: 'github: a certificate that has ended',
    open: world => classic(world, {}, { host: `https://${world.tls.expired}`, ca: world.tls.expiredCa }),
    found: ['token.account', 'E_FORGE_UNREACHABLE'],
  },
  {
    name: 'github: https to a port that speaks http',
    open: world => classic(world, {}, { host: `https://${world.recorder.host}` }),
    found: ['token.account', 'E_FORGE_UNREACHABLE'],
  },

  { name: 'gitlab: healthy, the project is not there', open: world => personal(world) },
  { name: 'gitlab: healthy, the project is there', open: world => personal(world), target: full },
  {
    name: 'gitlab: a token of GitHub',
    open: world => gitlab(world, Secret.of(`ghp_${'a'.repeat(36)}`)),
    found: ['token.shape', 'E_TOKEN_WRONG_HOST'],
  },
  {
    name: 'gitlab: a deploy token',
    open: world => gitlab(world, Secret.of(`gldt-${'a'.repeat(20)}`)),
    found: ['token.shape', 'E_TOKEN_WRONG_KIND'],
  },
  { name: 'gitlab: unknown token', open: world => gitlab(world, Secret.of(`glpat-${'a'.repeat(20)}`)), found: account },
  {
    name: 'gitlab: expired',
    open: world => personal(world, { expiresAt: new Date(0) }),
    found: ['token.account', 'E_TOKEN_EXPIRED'],
  },
  { name: 'gitlab: revoked', open: world => gitlab(world, revokedGitLab(world)), found: account },
  {
    name: 'gitlab: the scope api is missing',
    open: world => personal(world, { scopes: ['read_user'] }),
    found: ['token.scopes', 'E_TOKEN_SCOPE'],
  },
  {
    name: 'gitlab: write_repository alone',
    open: world => personal(world, { scopes: ['write_repository'] }),
    target: full,
    found: ['token.scopes', 'E_TOKEN_SCOPE'],
  },
  {
    name: 'gitlab: read_api and write_repository, the project is not there',
    open: world => personal(world, { scopes: ['read_api', 'write_repository'] }),
    found: ['repository.create', 'E_TOKEN_SCOPE'],
  },
  {
    name: 'gitlab: a project token, the project is not there',
    open: world => gitlab(world, world.sandbox.admin.createGitLabToken({ project: 'acme/full', scopes: ['api'] })),
    target: { repository: 'fleet' },
    found: ['owner', 'E_FORGE_OWNER_NOT_FOUND'],
  },
  {
    name: 'gitlab: a group token',
    open: world => gitlab(world, world.sandbox.admin.createGitLabToken({ group: 'acme', scopes: ['api'] })),
    target: full,
  },
  {
    name: 'gitlab: no such group',
    open: world => personal(world),
    target: { owner: 'acme/nothing' },
    found: ['owner', 'E_FORGE_OWNER_NOT_FOUND'],
  },
  {
    name: 'gitlab: a group in place of a user',
    open: world => personal(world),
    target: { personal: true },
    found: ['owner', 'E_FORGE_OWNER_MISMATCH'],
  },
  {
    name: 'gitlab: a user in place of a group',
    open: world => personal(world),
    target: { owner: 'mona' },
    found: ['owner', 'E_FORGE_OWNER_MISMATCH'],
  },
  {
    name: 'gitlab: only owners create projects',
    open: world => personal(world, { user: 'hubot' }),
    found: ['repository.create', 'E_FORGE_MAY_NOT_CREATE'],
  },
  {
    name: 'gitlab: a Reporter',
    open: world => personal(world, { user: 'hubot' }),
    target: full,
    found: ['repository', 'E_FORGE_READ_ONLY'],
  },
  {
    name: 'gitlab: archived',
    open: world => personal(world),
    target: { repository: 'archived' },
    found: ['repository', 'E_FORGE_REPOSITORY_ARCHIVED'],
  },
  {
    name: 'gitlab: the branch is for maintainers',
    open: world => personal(world, { user: 'hubot' }),
    target: { repository: 'guarded' },
    found: ['branch', 'E_FORGE_BRANCH_PROTECTED'],
  },
  {
    name: 'gitlab: the branch is for nobody',
    open: world => personal(world),
    target: { repository: 'locked' },
    found: ['branch', 'E_FORGE_BRANCH_PROTECTED'],
  },
  {
    name: 'gitlab: the relative URL root is missing',
    open: world =>
      spoiled(
        world.sandbox,
        {
          match: '/api/v4',
          times: 9,
          status: 404,
          headers: { 'content-type': 'text/html' },
          body: '<title>Not Found</title>',
        },
        personal(world),
      ),
    found: ['token.account', 'E_FORGE_NOT_A_FORGE'],
  },
  {
    name: 'gitlab: limited',
    open: world =>
      spoiled(
        world.sandbox,
        {
          match: '/api/v4',
          times: 9,
          status: 429,
          headers: { 'ratelimit-remaining': '0', 'ratelimit-reset': String(Date.parse('2027-01-01T00:05:00Z') / 1000) },
          body: 'Retry later\n',
        },
        personal(world, {}, { clock: frozen, maxWaitMs: 1 }),
      ),
    found: ['token.account', 'E_FORGE_RATE_LIMITED'],
  },

  { name: 'gitea: healthy, the repository is not there', open: world => gitea(world, tokens.gitea.good) },
  { name: 'gitea: healthy, the repository is there', open: world => gitea(world, tokens.gitea.good), target: full },
  { name: 'gitea: revoked', open: world => gitea(world, tokens.gitea.old), found: account },
  {
    name: 'gitea: a token of GitHub',
    open: world => gitea(world, `ghp_${'a'.repeat(36)}`),
    found: ['token.shape', 'E_TOKEN_WRONG_HOST'],
  },
  {
    name: 'gitea: bound to repositories, the repository is there',
    open: world => gitea(world, tokens.gitea.repository),
    target: full,
    found: ['token.account', 'warn'],
  },
  {
    name: 'gitea: the scope for repositories is missing',
    open: world => gitea(world, tokens.gitea.none),
    target: full,
    found: ['repository', 'E_TOKEN_SCOPE'],
  },
  {
    name: 'gitea: members may not create repositories',
    open: world => gitea(world, tokens.gitea.member),
    found: ['repository.create', 'E_FORGE_MAY_NOT_CREATE'],
  },
  {
    name: 'gitea: the account may only read',
    open: world => gitea(world, tokens.gitea.member),
    target: full,
    found: ['repository', 'E_FORGE_READ_ONLY'],
  },
  {
    name: 'gitea: archived',
    open: world => gitea(world, tokens.gitea.good),
    target: { repository: 'archived' },
    found: ['repository', 'E_FORGE_REPOSITORY_ARCHIVED'],
  },
  {
    name: 'gitea: protected',
    open: world => gitea(world, tokens.gitea.good),
    target: { repository: 'guarded' },
    found: ['branch', 'E_FORGE_BRANCH_PROTECTED'],
  },
  {
    name: 'gitea: no such owner',
    open: world => gitea(world, tokens.gitea.good),
    target: { owner: 'nobody' },
    found: ['owner', 'E_FORGE_OWNER_NOT_FOUND'],
  },

  { name: 'bitbucket: healthy, the repository is not there', open: world => bitbucket(world, tokens.bitbucket.good) },
  {
    name: 'bitbucket: healthy, the repository is there',
    open: world => bitbucket(world, tokens.bitbucket.good),
    target: full,
  },
  {
    name: 'bitbucket: an API token without the e-mail address',
    open: world => bitbucket(world, tokens.bitbucket.api),
    found: ['token.shape', 'E_TOKEN_USERNAME_MISSING'],
  },
  {
    name: 'bitbucket: an API token with the e-mail address',
    open: world => bitbucket(world, tokens.bitbucket.api, 'mona@example.com'),
    target: full,
  },
  { name: 'bitbucket: expired', open: world => bitbucket(world, tokens.bitbucket.old), found: account },
  {
    name: 'bitbucket: only reads',
    open: world => bitbucket(world, tokens.bitbucket.read),
    target: full,
    found: ['token.scopes', 'E_TOKEN_SCOPE'],
  },
  {
    name: 'bitbucket: an access token that belongs to nobody',
    open: world => bitbucket(world, tokens.bitbucket.write),
    target: full,
    found: ['token.account', 'warn'],
  },
  {
    name: 'bitbucket: the account may only read',
    open: world => bitbucket(world, tokens.bitbucket.member),
    target: full,
    found: ['repository', 'E_FORGE_READ_ONLY'],
  },
  {
    name: 'bitbucket: protected',
    open: world => bitbucket(world, tokens.bitbucket.good),
    target: { repository: 'guarded' },
    found: ['branch', 'E_FORGE_BRANCH_PROTECTED'],
  },
  {
    name: 'bitbucket: no such workspace',
    open: world => bitbucket(world, tokens.bitbucket.good),
    target: { owner: 'nobody' },
    found: ['owner', 'E_FORGE_OWNER_NOT_FOUND'],
  },

  { name: 'bitbucket-server: healthy, the repository is not there', open: world => server(world, tokens.server.good) },
  {
    name: 'bitbucket-server: healthy, the repository is there',
    open: world => server(world, tokens.server.good),
    target: full,
  },
  { name: 'bitbucket-server: revoked', open: world => server(world, tokens.server.old), found: account },
  {
    name: 'bitbucket-server: a token that only reads',
    open: world => server(world, tokens.server.read),
    target: full,
    found: ['repository', 'E_FORGE_READ_ONLY'],
  },
  {
    name: 'bitbucket-server: no right to create',
    open: world => server(world, tokens.server.member),
    found: ['repository.create', 'E_FORGE_MAY_NOT_CREATE'],
  },
  {
    name: 'bitbucket-server: archived',
    open: world => server(world, tokens.server.good),
    target: { repository: 'archived' },
    found: ['repository', 'E_FORGE_REPOSITORY_ARCHIVED'],
  },
  {
    name: 'bitbucket-server: protected',
    open: world => server(world, tokens.server.good),
    target: { repository: 'guarded' },
    found: ['branch', 'E_FORGE_BRANCH_PROTECTED'],
  },
  {
    name: 'bitbucket-server: no such project',
    open: world => server(world, tokens.server.good),
    target: { owner: 'NOBODY' },
    found: ['owner', 'E_FORGE_OWNER_NOT_FOUND'],
  },

  {
    name: 'azure-devops: healthy, the repository is not there',
    open: world => azure(world, tokens.azure.good),
    target: { owner: 'fleet' },
  },
  {
    name: 'azure-devops: healthy, the repository is there',
    open: world => azure(world, tokens.azure.good),
    target: { owner: 'fleet', ...full },
  },
  {
    name: 'azure-devops: expired (a page to sign in, status 203)',
    open: world => azure(world, tokens.azure.old),
    target: { owner: 'fleet' },
    found: account,
  },
  {
    name: 'azure-devops: a redirect to sign in',
    open: world =>
      spoiled(
        world.azure,
        {
          match: 'connectionData',
          status: 302,
          headers: { location: 'https://login.example.com/_signin', 'content-type': 'text/html' },
          body: '<html></html>',
        },
        azure(world, tokens.azure.good),
      ),
    target: { owner: 'fleet' },
    found: account,
  },
  {
    name: 'azure-devops: another organization',
    open: world => azure(world, tokens.azure.good, 'other'),
    target: { owner: 'fleet' },
    found: ['token.account', 'E_FORGE_NOT_A_FORGE'],
  },
  {
    name: 'azure-devops: a token that only reads code',
    open: world => azure(world, tokens.azure.read),
    target: { owner: 'fleet', ...full },
    found: ['git.push', 'E_TOKEN_SCOPE'],
  },
  {
    name: 'azure-devops: a token for code alone',
    open: world => azure(world, tokens.azure.code),
    target: { owner: 'fleet', ...full },
    found: ['owner', 'warn'],
  },
  {
    name: 'azure-devops: no right to create',
    open: world => azure(world, tokens.azure.member),
    target: { owner: 'fleet' },
    found: ['repository.create', 'E_FORGE_MAY_NOT_CREATE'],
  },
  {
    name: 'azure-devops: disabled',
    open: world => azure(world, tokens.azure.good),
    target: { owner: 'fleet', repository: 'archived' },
    found: ['repository', 'E_FORGE_REPOSITORY_ARCHIVED'],
  },
  {
    name: 'azure-devops: a policy of the branch',
    open: world => azure(world, tokens.azure.good),
    target: { owner: 'fleet', repository: 'guarded' },
    found: ['branch', 'E_FORGE_BRANCH_PROTECTED'],
  },
  {
    name: 'azure-devops: no such project',
    open: world => azure(world, tokens.azure.good),
    target: { owner: 'nobody' },
    found: ['owner', 'E_FORGE_OWNER_NOT_FOUND'],
  },

  {
    name: 'git: healthy',
    open: world =>
      createForge({ kind: 'git', url: `${world.gitea.url}/acme/full.git`, token: Secret.of(tokens.gitea.good) }),
  },
  {
    name: 'git: a wrong password',
    open: world =>
      createForge({ kind: 'git', url: `${world.gitea.url}/acme/full.git`, token: Secret.of('wrong-password') }),
    found: ['git.fetch', 'E_GIT_AUTHENTICATION'],
  },
  {
    name: 'git: the account may only read',
    open: world =>
      createForge({ kind: 'git', url: `${world.gitea.url}/acme/full.git`, token: Secret.of(tokens.gitea.member) }),
    found: ['git.push', 'E_FORGE_READ_ONLY'],
  },
  {
    name: 'git: no such repository',
    open: world =>
      createForge({ kind: 'git', url: `${world.gitea.url}/acme/nothing.git`, token: Secret.of(tokens.gitea.good) }),
    found: ['git.fetch', 'E_GIT_REPOSITORY_NOT_FOUND'],
  },
  {
    name: 'git: another branch',
    open: world =>
      createForge({ kind: 'git', url: `${world.gitea.url}/acme/full.git`, token: Secret.of(tokens.gitea.good) }),
    target: { branch: 'trunk' },
    found: ['repository', 'warn'],
  },
  {
    name: 'git: ssh without a key',
    open: () =>
      createForge({ kind: 'git', url: 'git@git.example.com:acme/fleet.git', tokenSource: 'EKSA_GIT_PRIVATE_KEY' }),
    found: ['token.shape', 'E_TOKEN_MISSING'],
  },
]

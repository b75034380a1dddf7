import { Secret } from '../../../src/secrets/secret.ts'
import { account, classic, faulty, fine, full, github, html, limited, revoked, type State, spoiled } from './open.ts'

/** States of GitHub, and of any host: limits, pages, faults, certificates. */
export const gitHubStates: readonly State[] = [
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
]

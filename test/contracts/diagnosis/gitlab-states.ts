import { Secret } from '../../../src/secrets/secret.ts'
import { account, frozen, full, gitlab, personal, revokedGitLab, type State, spoiled } from './open.ts'

/** States of GitLab. */
export const gitLabStates: readonly State[] = [
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
    found: ['repository.create', 'E_TOKEN_WRONG_KIND'],
  },
  {
    name: 'gitlab: a project token, its project',
    open: world => gitlab(world, world.sandbox.admin.createGitLabToken({ project: 'acme/full', scopes: ['api'] })),
    target: full,
    found: ['owner', 'warn'],
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
]

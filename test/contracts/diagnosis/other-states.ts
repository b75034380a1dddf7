import { createForge } from '../../../src/forges/index.ts'
import { Secret } from '../../../src/secrets/secret.ts'
import { account, azure, bitbucket, full, gitea, type State, server, spoiled } from './open.ts'
import { tokens } from './world.ts'

/** States of the other hosts. */
export const otherStates: readonly State[] = [
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

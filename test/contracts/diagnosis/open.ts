import { systemClock } from '../../../src/base/clock.ts'
import { createForge, type Forge, type ForgeConnection, type TokenTarget } from '../../../src/forges/index.ts'
import type { CreateGitLabToken, CreateToken, Misbehaviour } from '../../../src/sandbox/forge/index.ts'
import { Secret } from '../../../src/secrets/secret.ts'
import type { World } from './world.ts'

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
export const frozen = { ...systemClock, now: () => new Date('2027-01-01T00:00:00Z'), sleep: async () => {} }
const noSleep = { ...systemClock, sleep: async () => {} }
const userAgent = 'sluice/test'

export const github = (world: World, token: Secret | undefined, more: Options = {}) =>
  createForge({ kind: 'github', host: world.recorder.host, token, userAgent, clock: noSleep, ...more })
export const gitlab = (world: World, token: Secret | undefined, more: Options = {}) =>
  createForge({ kind: 'gitlab', host: world.recorder.host, token, userAgent, clock: noSleep, ...more })
export const gitea = (world: World, token: string) =>
  createForge({ kind: 'gitea', host: world.gitea.host, token: Secret.of(token), userAgent, clock: noSleep })
export const bitbucket = (world: World, token: string, username?: string) =>
  createForge({
    kind: 'bitbucket',
    host: world.bitbucket.host,
    token: Secret.of(token),
    userAgent,
    clock: noSleep,
    ...(username !== undefined && { username }),
  })
export const server = (world: World, token: string) =>
  createForge({ kind: 'bitbucket-server', host: world.server.host, token: Secret.of(token), userAgent, clock: noSleep })
export const azure = (world: World, token: string, organization = 'acme') =>
  createForge({
    kind: 'azure-devops',
    host: `${world.azure.host}/${organization}`,
    token: Secret.of(token),
    userAgent,
    clock: noSleep,
  })

export const classic = (world: World, token: Partial<CreateToken> = {}, more: Options = {}) =>
  github(
    world,
    world.sandbox.admin.createToken({ user: 'mona', kind: 'classic', scopes: ['repo', 'read:org'], ...token }),
    more,
  )
export const fine = (world: World, permissions: CreateToken['permissions'], more: Partial<CreateToken> = {}) =>
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
export const personal = (world: World, token: Partial<CreateGitLabToken> = {}, more: Options = {}) =>
  gitlab(world, world.sandbox.admin.createGitLabToken({ user: 'mona', scopes: ['api'], ...token }), more)

/** A GitHub that misbehaves from the first call on. */
export const faulty = (world: World, fault: Misbehaviour, more: Options = {}) => {
  world.sandbox.misbehave({ match: '/user', times: 20, ...fault })
  return classic(world, {}, more)
}
export const limited = (
  world: World,
  headers: Record<string, string>,
  body: unknown = { message: 'slow down' },
  status = 429,
) => faulty(world, { status, headers, body }, { clock: frozen, maxWaitMs: 1 })

/** A host on which something goes wrong. */
export const spoiled = (
  host: { misbehave(fault: Misbehaviour): unknown },
  fault: Misbehaviour,
  forge: Forge,
): Forge => {
  host.misbehave(fault)
  return forge
}

export const revoked = (world: World): Secret => {
  const token = world.sandbox.admin.createToken({ user: 'mona', kind: 'classic', scopes: ['repo'] })
  world.sandbox.admin.revokeToken(token)
  return token
}
export const revokedGitLab = (world: World): Secret => {
  const token = world.sandbox.admin.createGitLabToken({ user: 'mona', scopes: ['api'] })
  world.sandbox.admin.revokeToken(token)
  return token
}
export const html = {
  status: 200,
  headers: { 'content-type': 'text/html' },
  body: '<html><title>Sign in to Acme</title></html>',
}
export const account = ['token.account', 'E_TOKEN_REFUSED'] as const
export const full = { repository: 'full' }

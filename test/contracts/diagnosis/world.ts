import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createForge, type Forge } from '../../../src/forges/index.ts'
import { openMirror, writeFiles } from '../../../src/git/index.ts'
import { makeCertificates, type ServingCertificates } from '../../../src/sandbox/cluster/access/certificates.ts'
import { type SandboxForge, startForge } from '../../../src/sandbox/forge/index.ts'
import {
  azureDevOpsStandIn,
  bitbucketServerStandIn,
  bitbucketStandIn,
  giteaStandIn,
  type StandIn,
  startStandIn,
} from '../../../src/sandbox/forge/stand-ins/index.ts'
import { Secret } from '../../../src/secrets/secret.ts'
import { type Recorder, startRecorder } from '../recorder.ts'

/** The hosts that the states are put up on. */
export interface World {
  readonly sandbox: SandboxForge
  /** Before the sandbox: counts what is sent to it. */
  readonly recorder: Recorder
  readonly gitea: StandIn
  readonly bitbucket: StandIn
  readonly server: StandIn
  readonly azure: StandIn
  readonly tls: { readonly trusted: string; readonly expired: string; readonly ca: string; readonly expiredCa: string }
  close(): Promise<void>
}

/** Text of the tokens of the stand-ins, by what they are for. */
export const tokens = {
  gitea: {
    good: 'a1'.repeat(20),
    none: 'b2'.repeat(20),
    old: 'c3'.repeat(20),
    repository: 'd4'.repeat(20),
    member: 'e5'.repeat(20),
  },
  bitbucket: {
    good: `ATCTT3xFfGN0${'a'.repeat(40)}`,
    old: `ATCTT3xFfGN0${'b'.repeat(40)}`,
    read: `ATCTT3xFfGN0${'c'.repeat(40)}`,
    member: `ATCTT3xFfGN0${'d'.repeat(40)}`,
    write: `ATCTT3xFfGN0${'e'.repeat(40)}`,
    api: `ATATT3xFfGF0${'f'.repeat(40)}`,
  },
  server: {
    good: 'TWpBd01EQXdNREE2z1',
    old: 'TWpBd01EQXdNREE2z2',
    read: 'TWpBd01EQXdNREE2z3',
    member: 'TWpBd01EQXdNREE2z4',
  },
  azure: {
    good: 'a'.repeat(52),
    old: 'b'.repeat(52),
    read: 'c'.repeat(52),
    code: 'd'.repeat(52),
    member: 'e'.repeat(52),
  },
} as const

const author = { name: 'Mona', email: 'mona@example.com' }

/** Starts every host and fills it: users mona (owner), hubot (member), stranger; group acme with `full`, `archived`, `guarded`. */
export async function startWorld(): Promise<World> {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-matrix-'))
  const sandbox = await startForge({ dataDir: join(dir, 'forge') })
  const { admin } = sandbox
  for (const login of ['mona', 'hubot', 'stranger']) admin.createUser({ login })
  admin.createOrganization({ login: 'acme', membersCanCreateRepositories: false })
  admin.createOrganization({ login: 'guarded', requiresSso: true })
  admin.createOrganization({ login: 'waiting' })
  admin.addMember('acme', 'mona', 'admin')
  admin.addMember('acme', 'hubot', 'member')
  admin.addMember('guarded', 'mona', 'member')
  admin.addMember('waiting', 'mona', 'member', 'pending')
  for (const name of ['full', 'archived', 'guarded', 'locked']) await admin.createRepository({ owner: 'acme', name })
  await admin.createRepository({ owner: 'acme', name: 'open', private: false })
  admin.addCollaborator('acme', 'guarded', 'hubot', 'write')
  const github = admin.createToken({ user: 'mona', kind: 'classic', scopes: ['repo'] })
  const headers = { authorization: `Bearer ${github.reveal()}`, 'user-agent': 'test' }
  const call = (method: string, path: string, body: unknown) =>
    fetch(sandbox.apiUrl + path, { method, headers, body: JSON.stringify(body) })
  await pushTo(
    createForge({ kind: 'github', host: `127.0.0.1:${sandbox.port}`, token: github, userAgent: 't' }),
    dir,
    'acme',
    ['full', 'guarded', 'locked'],
  )
  const review = { required_status_checks: null, required_pull_request_reviews: {}, restrictions: null }
  await call('PUT', '/repos/acme/guarded/branches/main/protection', { ...review, enforce_admins: false })
  await call('PUT', '/repos/acme/locked/branches/main/protection', { ...review, enforce_admins: true })
  await call('PATCH', '/repos/acme/archived', { archived: true })
  const recorder = await startRecorder(sandbox.port, '/')

  const gitea = await startStandIn(giteaStandIn, join(dir, 'gitea'))
  const bitbucket = await startStandIn(bitbucketStandIn, join(dir, 'bitbucket'))
  const server = await startStandIn(bitbucketServerStandIn, join(dir, 'server'))
  const azure = await startStandIn(azureDevOpsStandIn, join(dir, 'azure'))
  await fill(gitea, dir, 'gitea', 'acme', tokens.gitea.good)
  await fill(bitbucket, dir, 'bitbucket', 'acme', tokens.bitbucket.good)
  await fill(server, dir, 'bitbucket-server', 'ACME', tokens.server.good)
  await fill(azure, dir, 'azure-devops', 'fleet', tokens.azure.good)
  const g = gitea.model
  g.addToken(tokens.gitea.none, { user: 'mona', scopes: ['write:issue'] })
  g.addToken(tokens.gitea.old, { user: 'mona', state: 'revoked' })
  g.addToken(tokens.gitea.repository, { user: 'mona', scopes: ['write:repository'] })
  g.addToken(tokens.gitea.member, { user: 'hubot', scopes: ['all'] })
  const b = bitbucket.model
  b.addToken(tokens.bitbucket.old, { user: 'mona', state: 'expired' })
  b.addToken(tokens.bitbucket.read, { user: 'mona', scopes: ['account', 'repository'] })
  b.addToken(tokens.bitbucket.member, { user: 'hubot', scopes: ['account', 'repository:admin', 'webhook'] })
  b.addToken(tokens.bitbucket.write, { user: 'mona', scopes: ['repository:write'] })
  b.addToken(tokens.bitbucket.api, { user: 'mona', scopes: ['account', 'repository:admin', 'webhook'] })
  const s = server.model
  s.addToken(tokens.server.old, { user: 'mona', state: 'revoked' })
  s.addToken(tokens.server.read, { user: 'mona', scopes: ['REPO_READ'] })
  s.addToken(tokens.server.member, { user: 'hubot', scopes: ['PROJECT_ADMIN'] })
  const a = azure.model
  a.addToken(tokens.azure.old, { user: 'mona', state: 'expired' })
  a.addToken(tokens.azure.read, { user: 'mona', scopes: ['vso.code', 'vso.project', 'vso.security_manage'] })
  a.addToken(tokens.azure.code, { user: 'mona', scopes: ['vso.code_write'] })
  a.addToken(tokens.azure.member, { user: 'hubot', scopes: ['vso.code_manage', 'vso.project', 'vso.security_manage'] })
  const tls = await startTls()
  return {
    sandbox,
    recorder,
    gitea,
    bitbucket,
    server,
    azure,
    tls,
    async close() {
      tls.close()
      await Promise.all([recorder.close(), gitea.close(), bitbucket.close(), server.close(), azure.close()])
      await sandbox.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

type StandInKindName = 'gitea' | 'bitbucket' | 'bitbucket-server' | 'azure-devops'
const allScopes: Record<StandInKindName, readonly string[]> = {
  gitea: ['all'],
  bitbucket: ['account', 'repository:admin', 'webhook'],
  'bitbucket-server': ['PROJECT_ADMIN'],
  'azure-devops': ['vso.code_manage', 'vso.project', 'vso.security_manage'],
}

async function fill(standIn: StandIn, dir: string, kind: StandInKindName, owner: string, token: string): Promise<void> {
  const { model } = standIn
  model.addGroup(owner, { mona: 'owner', hubot: 'member' })
  model.users.add('stranger')
  model.addToken(token, { user: 'mona', scopes: allScopes[kind] })
  for (const name of ['full', 'archived', 'guarded']) await model.addRepository(owner, name)
  await model.addRepository(owner, 'open', false)
  model.repository(owner, 'archived')!.archived = true
  model.repository(owner, 'guarded')!.roles.set('hubot', 'write')
  const host = kind === 'azure-devops' ? `${standIn.host}/acme` : standIn.host
  await pushTo(createForge({ kind, host, token: Secret.of(token), userAgent: 't' }), dir, owner, ['full', 'guarded'])
  model.repository(owner, 'guarded')!.protections.set('main', [])
}

async function pushTo(forge: Forge, dir: string, owner: string, names: readonly string[]): Promise<void> {
  const mirror = await openMirror(await mkdtemp(join(dir, 'mirror-')))
  for (const name of names) {
    const remote = forge.remote(owner, name)
    await writeFiles({ mirror, remote, branch: 'main', message: 'x', author, changes: [{ path: 'a', content: name }] })
  }
  mirror.close()
  await forge.close()
}

/** Two servers with certificates of authorities of their own, one of which has ended. */
async function startTls(): Promise<World['tls'] & { close(): void }> {
  const good = makeCertificates(new Date(), 'localhost')
  const old = makeCertificates(new Date(Date.now() - 9 * 365 * 86_400_000), 'localhost')
  const servers = await Promise.all([good, old].map(listenTls))
  const at = (server: Server) => (server.address() as AddressInfo).port
  return {
    trusted: `localhost:${at(servers[0]!)}`,
    expired: `localhost:${at(servers[1]!)}`,
    ca: good.caPem,
    expiredCa: old.caPem,
    close: () => {
      for (const server of servers) {
        server.closeAllConnections()
        server.close()
      }
    },
  }
}

async function listenTls({ certPem, keyPem }: ServingCertificates): Promise<Server> {
  const server = createServer({ cert: certPem, key: keyPem }, (_request, response) => {
    response.writeHead(401, { 'content-type': 'application/json' }).end('{"message":"Bad credentials"}')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return server
}

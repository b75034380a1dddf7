import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exampleFleet } from '../../../test/harness/local-fixture.ts'
import { helmForTests } from '../../engine/helmrelease/testing/helm-path.ts'
import { bootstrapLocal } from '../../local/bootstrap-local.ts'
import { type LocalSystem, startLocal } from '../../local/start-local.ts'
import { generateIdentity } from '../../sops/index.ts'
import type { Job } from '../contract/live.ts'
import type { ServerOptions } from '../options.ts'
import { type ForgeSsh, startForgeSsh } from './forge-ssh.ts'
import { type Answer, startTestServer, type TestServer } from './test-server.ts'

/** A server before a sandbox with everything: forge, cluster, engine, a proven connection, two environments. */
export interface ConnectedServer {
  readonly system: LocalSystem
  readonly server: TestServer
  /** As the administrator; throws for anything but success. */
  call(method: string, path: string, body?: unknown): Promise<Answer['body']>
  /** A job when it is no longer running. */
  ended(id: string): Promise<Job>
  /** Looks at a change, makes it, and gives the job that makes it. */
  begin(routes: string, change: object, more?: object): Promise<Job>
  /** The same, to its end; throws when it is not done. */
  change(routes: string, change: object, more?: object): Promise<Job>
  close(): Promise<void>
}

/** Whether charts can be rendered here. */
export const helmPath = await helmForTests()

export interface ExampleSystem {
  readonly system: LocalSystem
  readonly dataDir: string
  /** Where the cluster fetches over SSH, with a deploy key. */
  readonly ssh: ForgeSsh | undefined
  close(): Promise<void>
}

/** A sandbox with the example fleet and a key for sealed values; charts are rendered where helm is there. */
export async function startExampleSystem({ overSsh = false } = {}): Promise<ExampleSystem> {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-connected-'))
  if (helmPath !== undefined) process.env['SLUICE_HELM'] = helmPath
  const stop = new AbortController()
  const system = await startLocal({ dataDir: dir, organization: 'acme', signal: stop.signal, machineReadyAfterMs: 0 })
  const fleet = await exampleFleet()
  const ssh = overSsh ? await startForgeSsh(dir) : undefined
  const sync = ssh && {
    credential: 'deploy-key' as const,
    url: ssh.address(fleet.owner, fleet.repository),
    knownHosts: ssh.knownHosts,
  }
  const report = await bootstrapLocal(system, {
    fleet,
    dataDir: dir,
    signal: stop.signal,
    timeoutMs: 60_000,
    ...(sync && { sync }),
  })
  if (report.error) throw report.error
  await system.client.create({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'sops-age', namespace: 'flux-system' },
    stringData: { 'age.agekey': generateIdentity().identity.reveal() },
  })
  return {
    system,
    dataDir: dir,
    ssh,
    async close() {
      stop.abort(new Error('the test is over'))
      await system.close()
      await ssh?.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

export async function startConnectedServer(options: Partial<ServerOptions> = {}): Promise<ConnectedServer> {
  const example = await startExampleSystem()
  const { system } = example
  const server = await startTestServer({ client: system.client, ...options })
  const connected = acting(server)
  await connect(connected, system)
  for (const [order, name] of ['staging', 'production'].entries())
    await connected.change('/environments', { kind: 'write', name, spec: { order }, create: true })
  return {
    ...connected,
    system,
    server,
    async close() {
      await server.close()
      await example.close()
    },
  }
}

/** What an administrator does at a server. */
export function acting({
  administrator,
}: Pick<TestServer, 'administrator'>): Pick<ConnectedServer, 'call' | 'ended' | 'begin' | 'change'> {
  const call: ConnectedServer['call'] = async (method, path, body) => {
    const answer = await administrator.call(method, `/api/v1${path}`, body)
    if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.text}`)
    return answer.body
  }
  const ended: ConnectedServer['ended'] = async id => {
    for (;;) {
      const job: Job = await call('GET', `/jobs/${id}`)
      if (job.state !== 'running') return job
      await new Promise(done => setTimeout(done, 50))
    }
  }
  const begin: ConnectedServer['begin'] = async (routes, change, more = {}) => {
    const { tip } = await call('POST', `${routes}/changes/preview`, { change })
    return call('POST', `${routes}/changes`, { change, tip, ...more })
  }
  const change: ConnectedServer['change'] = async (routes, wanted, more) => {
    const job = await ended((await begin(routes, wanted, more)).id)
    if (job.state !== 'done') throw new Error(JSON.stringify(job))
    return job
  }
  return { call, ended, begin, change }
}

/** Saves a proven connection to the sandbox's Git host. */
export async function connect(
  { call, ended }: Pick<ConnectedServer, 'call' | 'ended'>,
  { forge, token }: LocalSystem,
  repository = 'fleet',
): Promise<void> {
  const settings = {
    owner: 'acme',
    personal: false,
    repository,
    branch: 'main',
    repositoryTemplate: '{app}-config',
    visibility: 'private',
    review: 'auto',
  }
  const draft = { name: 'Acme', kind: 'github', host: forge.url, settings }
  const credential = { token: token.reveal() }
  const validated = await ended((await call('POST', '/connections/validate', { draft, credential })).id)
  await call('POST', '/connections', { draft, credential, validation: validated.id })
}

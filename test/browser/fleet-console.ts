import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { helmForTests } from '../../src/engine/helmrelease/testing/helm-path.ts'
import { bootstrapLocal } from '../../src/local/bootstrap-local.ts'
import { type LocalSystem, startLocal } from '../../src/local/start-local.ts'
import type { ServerOptions } from '../../src/server/options.ts'
import type { Answer } from '../../src/server/testing/test-server.ts'
import { generateIdentity } from '../../src/sops/index.ts'
import { exampleFleet } from '../harness/local-fixture.ts'
import { type ConsoleUnderTest, startConsole } from './console.ts'

/** A console before a sandbox with everything: forge, cluster, engine, a proven connection, two environments. */
export interface FleetConsole extends ConsoleUnderTest {
  readonly system: LocalSystem
  /** As the administrator; throws for anything but success. */
  call(method: string, path: string, body?: unknown): Promise<Answer['body']>
  /** Makes a change without the pages and waits for its end. */
  change(routes: string, change: object): Promise<void>
  /** Waits until a job has ended. */
  ended(id: string): Promise<Answer['body']>
  /** Saves the connection to the sandbox's forge, proven. */
  connect(): Promise<void>
}

/** Whether charts can be rendered here. */
export const helmPath = await helmForTests()

export async function startFleetConsole(options: Partial<ServerOptions> = {}): Promise<FleetConsole> {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-pages-'))
  if (helmPath !== undefined) process.env['SLUICE_HELM'] = helmPath
  const stop = new AbortController()
  const system = await startLocal({ dataDir: dir, organization: 'acme', signal: stop.signal, machineReadyAfterMs: 0 })
  const fleet = await exampleFleet()
  const report = await bootstrapLocal(system, { fleet, dataDir: dir, signal: stop.signal, timeoutMs: 60_000 })
  if (report.error) throw report.error
  await system.client.create({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'sops-age', namespace: 'flux-system' },
    stringData: { 'age.agekey': generateIdentity().identity.reveal() },
  })
  const ui = await startConsole({ ...options, client: system.client })
  const call: FleetConsole['call'] = async (method, path, body) => {
    const answer = await ui.server.administrator.call(method, `/api/v1${path}`, body)
    if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.text}`)
    return answer.body
  }
  const ended: FleetConsole['ended'] = async id => {
    for (;;) {
      const job = await call('GET', `/jobs/${id}`)
      if (job.state !== 'running') return job
      await new Promise(done => setTimeout(done, 50))
    }
  }
  const change: FleetConsole['change'] = async (routes, change) => {
    const { tip } = await call('POST', `${routes}/changes/preview`, { change })
    const job = await ended((await call('POST', `${routes}/changes`, { change, tip })).id)
    if (job.state !== 'done') throw new Error(JSON.stringify(job))
  }
  return {
    ...ui,
    system,
    call,
    change,
    ended,
    async connect() {
      const settings = {
        owner: 'acme',
        personal: false,
        repository: 'fleet',
        branch: 'main',
        repositoryTemplate: '{app}-config',
        visibility: 'private',
        review: 'auto',
      }
      const draft = { name: 'Acme', kind: 'github', host: system.forge.url, settings }
      const credential = { token: system.token.reveal() }
      const validated = await ended((await call('POST', '/connections/validate', { draft, credential })).id)
      await call('POST', '/connections', { draft, credential, validation: validated.id })
      await change('/environments', {
        kind: 'write',
        name: 'staging',
        spec: { title: 'Staging', order: 1 },
        create: true,
      })
      await change('/environments', {
        kind: 'write',
        name: 'production',
        spec: { title: 'Production', order: 2 },
        create: true,
      })
    },
    async close() {
      await ui.close()
      stop.abort(new Error('the test is over'))
      await system.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

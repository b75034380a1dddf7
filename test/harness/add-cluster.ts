import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { FleetAddPlan, FleetAddWishInput } from '../../src/server/contract/fleet-add.ts'
import type { Job } from '../../src/server/contract/live.ts'
import type { ServerOptions } from '../../src/server/options.ts'
import { type Answer, startTestServer, type TestPerson, type TestServer } from '../../src/server/testing/test-server.ts'
import { exampleSpecs, type LocalFixture } from './local-fixture.ts'

/** Somebody who adds clusters over HTTP, on a real server that can be ended and started again on the same folder. */
export class AddCluster {
  readonly #fixture: LocalFixture
  #server: TestServer | undefined
  /** The connection that plans go by. */
  connection = ''

  constructor(fixture: LocalFixture) {
    this.#fixture = fixture
  }

  get server(): TestServer {
    if (this.#server === undefined) throw new Error('no server was started')
    return this.#server
  }

  get admin(): TestPerson {
    return this.server.administrator
  }

  /** Starts the server, in the place of one that runs; with `own` the cluster of the sandbox is its own. */
  async start({ own, ...options }: Partial<ServerOptions> & { readonly own?: boolean } = {}): Promise<void> {
    await this.#server?.close()
    const { client } = this.#fixture.system
    const dataDir = join(this.#fixture.dataDir, 'server')
    this.#server = await startTestServer({ dataDir, ...(own === true ? { client } : {}), ...options })
  }

  /** Proves a connection to the sandbox's forge and saves it. */
  async connect(): Promise<void> {
    const { forge, token } = this.#fixture.system
    const settings = {
      owner: 'acme',
      personal: false,
      repository: 'fleet',
      branch: 'main',
      repositoryTemplate: '{app}',
      visibility: 'private',
      review: 'auto',
    }
    const draft = { name: 'Acme', kind: 'github', host: forge.url, settings }
    const wish = { draft, credential: { token: token.reveal() } }
    const job = await this.ended((await this.admin.call('POST', '/api/v1/connections/validate', wish)).body.id)
    const saved = await this.admin.call('POST', '/api/v1/connections', { ...wish, validation: job.id })
    expect(saved.status, saved.text).toBe(201)
    this.connection = saved.body.id
  }

  post(path: string, body: object): Promise<Answer> {
    return this.admin.call('POST', `/api/v1/fleet/add/${path}`, body)
  }

  async job(id: string): Promise<Job> {
    return (await this.admin.call('GET', `/api/v1/jobs/${id}`)).body as Job
  }

  async ended(id: string): Promise<Job> {
    for (;;) {
      const job = await this.job(id)
      if (job.state !== 'running') return job
      await new Promise(done => setTimeout(done, 30))
    }
  }

  /** The job that plans it, at its end. */
  async planJob(wish: FleetAddWishInput): Promise<Job> {
    const started = await this.post('plan', wish)
    expect(started.status, started.text).toBe(202)
    return this.ended(started.body.id)
  }

  async plan(wish: FleetAddWishInput): Promise<FleetAddPlan> {
    const job = await this.planJob(wish)
    expect(job.state, JSON.stringify(job)).toBe('done')
    return job.result as FleetAddPlan
  }

  async apply(plan: string): Promise<Job> {
    const started = await this.post('apply', { plan })
    expect(started.status, started.text).toBe(202)
    return this.ended(started.body.id)
  }

  close(): Promise<void> {
    return this.#server?.close() ?? Promise.resolve()
  }
}

/** An example spec, as it is uploaded. */
export async function exampleSpec(name: string): Promise<{ name: string; text: string }> {
  return { name, text: await readFile(join(exampleSpecs, name), 'utf8') }
}

export const changesOf = (plan: FleetAddPlan) => plan.steps.flatMap(step => step.changes)

import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exampleFleet } from '../../test/harness/local-fixture.ts'
import { ServerProcess } from '../../test/harness/server-process.ts'
import { kustomizationKind } from '../fleet/read-fleet.ts'
import { bootstrapLocal } from '../local/bootstrap-local.ts'
import { type LocalSystem, startLocal } from '../local/start-local.ts'
import { Secret } from '../secrets/secret.ts'
import { postgresPrograms, startTestPostgres, type TestPostgres } from '../store/testing/postgres.ts'
import type { Job } from './contract/live.ts'
import { acting, type ConnectedServer, connect } from './testing/connected-server.ts'
import { personOf, startTestServer, type TestPerson, type TestServer } from './testing/test-server.ts'

const beatEveryMs = 200

describe.skipIf(postgresPrograms() === undefined)('two servers on one PostgreSQL', () => {
  let dir: string
  let system: LocalSystem
  let postgres: TestPostgres
  let other: ServerProcess
  let one: TestServer
  let acts: Pick<ConnectedServer, 'call' | 'ended' | 'begin' | 'change'>
  /** The administrator, at the server that is going to be killed. */
  let there: TestPerson
  const stop = new AbortController()

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'sluice-two-'))
    postgres = (await startTestPostgres())!
    system = await startLocal({ dataDir: dir, organization: 'acme', signal: stop.signal, machineReadyAfterMs: 0 })
    const report = await bootstrapLocal(system, {
      fleet: await exampleFleet(),
      dataDir: dir,
      signal: stop.signal,
      timeoutMs: 60_000,
    })
    if (report.error) throw report.error
    const url = await postgres.database()
    const key = randomBytes(32).toString('base64')
    one = await startTestServer({
      place: { url },
      keys: [{ name: 'test', key: Secret.of(key) }],
      client: system.client,
      beatEveryMs,
    })
    acts = acting(one)
    await connect(acts, system)
    await acts.change('/environments', { kind: 'write', name: 'staging', spec: {}, create: true })
    other = await ServerProcess.start({
      databaseUrl: url.reveal(),
      key,
      kubeconfig: join(dir, 'kubeconfig'),
      dataDir: join(dir, 'other'),
      beatEveryMs,
    })
    const { administrator } = one
    const session = administrator.headers['cookie']!.replace(/^[^=]*=/, '')
    const cookie = `sluice-${new URL(other.url).port}=${session}`
    there = personOf(other.url, administrator.id, administrator.name, { cookie })
  }, 120_000)
  afterAll(async () => {
    await other?.kill()
    await one?.close()
    stop.abort(new Error('the test is over'))
    await system?.close()
    await postgres?.close()
    await rm(dir, { recursive: true, force: true })
  })

  const forge = async (method: string, path: string, body?: object) => {
    const answer = await fetch(`${system.forge.apiUrl}/repos/acme/fleet${path}`, {
      method,
      headers: { authorization: `token ${system.token.reveal()}` },
      ...(body && { body: JSON.stringify(body) }),
    })
    expect(answer.status, `${method} ${path}`).toBeLessThan(300)
    // biome-ignore lint/suspicious/noExplicitAny: the host's own answer
    return (await answer.json()) as any
  }
  const suspend = (value: true | null) =>
    system.client.patch(
      { ...kustomizationKind, namespace: 'flux-system', name: 'flux-system' },
      'merge',
      { spec: { suspend: value } },
      { signal: stop.signal },
    )
  const job = (id: string): Promise<Job> => acts.call('GET', `/jobs/${id}`)
  const stepOf = async (id: string, step: string) => (await job(id)).steps.find(each => each.id === step)
  const rowOf = (id: string) =>
    one.server.context.store.db.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

  it('share the work of one that is killed: the other follows it to its end, and nothing is done twice', async () => {
    const change = {
      kind: 'create',
      name: 'shop',
      project: 'web',
      chart: { kind: 'Template', name: 'worker', version: '1.0.0' },
      values: { image: { repository: 'ghcr.io/acme/shop', tag: '1.0.0' } },
    }
    const preview = await there.call('POST', '/api/v1/applications/changes/preview', { change })
    expect(preview.status, preview.text).toBe(200)
    const create = await there.call('POST', '/api/v1/applications/changes', {
      change,
      tip: preview.body.tip,
      request: true,
      follow: false,
    })
    expect(create.status, create.text).toBe(202)
    await expect
      .poll(() => stepOf(create.body.id, 'commit'), { timeout: 20_000 })
      .toMatchObject({ detail: 'waits to be merged' })
    // Nothing is applied until the other server has it.
    await suspend(true)
    const scale = await there.call('POST', '/api/v1/fleet/clusters/default/prod/scale', {
      targets: [{ group: 'web', size: 5 }],
    })
    expect(scale.status, scale.text).toBe(202)
    await expect.poll(() => stepOf(scale.body.id, 'applied'), { timeout: 20_000 }).toMatchObject({ state: 'running' })
    for (const { id } of [scale.body, create.body]) expect((await rowOf(id)).server_id).toBe(other.id)

    await other.kill()
    const { serverId } = one.server.context
    for (const { id } of [scale.body, create.body])
      await expect.poll(async () => (await rowOf(id)).server_id, { timeout: 20_000 }).toBe(serverId)
    await suspend(null)
    const [pull] = await forge('GET', '/pulls?state=open')
    await forge('PUT', `/pulls/${pull.number}/merge`, { merge_method: 'squash' })
    for (const { id } of [scale.body, create.body]) {
      const end = await acts.ended(id)
      expect(end, JSON.stringify(end)).toMatchObject({ state: 'done' })
      expect((await rowOf(id)).resume).toBeNull()
    }
    expect(await forge('GET', '/pulls?state=all')).toHaveLength(1)
    const { mirror, tip } = await one.server.context.repository.refresh()
    const subjects = (await mirror.log(tip, { limit: 100 })).map(({ subject }) => subject)
    expect(subjects.filter(subject => subject.startsWith('Scale prod web from 3 to 5'))).toHaveLength(1)
    expect(subjects.filter(subject => subject.startsWith('Create shop'))).toHaveLength(1)
    for (const action of ['fleet.scale', 'application.change']) {
      const { entries } = await acts.call('GET', `/audit?action=${action}`)
      expect(entries, action).toMatchObject([
        { outcome: 'done', who: 'admin', commit: expect.stringMatching(/^[0-9a-f]{40}$/) },
      ])
    }
    const { clusters } = await acts.call('GET', '/fleet')
    const prod = clusters.find((cluster: { name: string }) => cluster.name === 'prod')
    expect(prod.groups.find((group: { name: string }) => group.name === 'web')).toMatchObject({ ready: 5 })
  }, 120_000)
})

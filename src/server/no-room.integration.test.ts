import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exampleFleet } from '../../test/harness/local-fixture.ts'
import { ServerProcess } from '../../test/harness/server-process.ts'
import { bootstrapLocal } from '../local/bootstrap-local.ts'
import { type LocalSystem, startLocal } from '../local/start-local.ts'
import type { Job } from './contract/live.ts'
import { acting, type ConnectedServer, connect } from './testing/connected-server.ts'
import { personOf, type TestPerson, testPassword } from './testing/test-server.ts'

const canLimit = (): boolean => {
  try {
    return execFileSync('prlimit', ['--version']).length > 0
  } catch {
    return false
  }
}

describe.skipIf(!canLimit())('a server whose whole disk takes no more', () => {
  let dir: string
  let system: LocalSystem
  let server: ServerProcess
  let admin: TestPerson
  let acts: Pick<ConnectedServer, 'call' | 'ended' | 'begin' | 'change'>
  const stop = new AbortController()

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'sluice-room-'))
    system = await startLocal({ dataDir: dir, organization: 'acme', signal: stop.signal, machineReadyAfterMs: 0 })
    const fleet = await exampleFleet()
    const report = await bootstrapLocal(system, { fleet, dataDir: dir, signal: stop.signal, timeoutMs: 60_000 })
    if (report.error) throw report.error
    server = await ServerProcess.start({
      key: randomBytes(32).toString('base64'),
      kubeconfig: join(dir, 'kubeconfig'),
      dataDir: join(dir, 'server'),
      beatEveryMs: 100,
    })
    const nobody = personOf(server.url, '', '', {})
    const made = await nobody.call('POST', '/api/v1/setup', {
      secret: server.setup,
      name: 'admin',
      password: testPassword,
    })
    expect(made.status, made.text).toBeLessThan(300)
    const cookie = made.headers.get('set-cookie')!.split(';')[0]!
    admin = personOf(server.url, '1', 'admin', { cookie })
    acts = acting({ administrator: admin })
    await connect(acts, system)
    await acts.change('/environments', { kind: 'write', name: 'staging', spec: {}, create: true })
  }, 120_000)
  afterAll(async () => {
    await server?.kill()
    stop.abort(new Error('the test is over'))
    await system?.close()
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
  const creation = (name: string) => ({
    kind: 'create',
    name,
    project: 'web',
    chart: { kind: 'Template', name: 'worker', version: '1.0.0' },
    values: { image: { repository: 'ghcr.io/acme/shop', tag: '1.0.0' } },
    environments: [{ environment: 'staging' }],
  })
  const health = async () => (await admin.call('GET', '/healthz')).text
  const stepOf = async (id: string) =>
    ((await acts.call('GET', `/jobs/${id}`)) as Job).steps.find(each => each.id === 'commit')

  it('begins nothing, says so, and goes on where it was when there is room: one request, one commit, one entry', async () => {
    const change = creation('shop')
    const waiting = await acts.begin('/applications', change, { request: true, follow: false })
    await expect.poll(() => stepOf(waiting.id), { timeout: 20_000 }).toMatchObject({ detail: 'waits to be merged' })
    const { tip } = await acts.call('POST', '/applications/changes/preview', { change: creation('late') })
    let heard = ''
    const { headers } = admin
    const live = await fetch(`${server.url}/api/v1/live?topics=job/${waiting.id}`, { headers, signal: stop.signal })
    const listen = async () => {
      for await (const text of live.body!.pipeThrough(new TextDecoderStream())) heard += text
    }
    void listen().catch(() => {})
    await server.limitFiles(0)
    const refused = await admin.call('POST', '/api/v1/applications/changes', { change: creation('late'), tip })
    expect(refused, refused.text).toMatchObject({ status: 503, body: { error: { code: 'E_STORE_UNREACHABLE' } } })
    await expect.poll(health).toMatch(/^ok, but the database takes no writes: its disk (?:fails|is full)\n$/)
    expect((await admin.call('GET', '/api/v1/session')).status).toBe(200)
    const [pull] = await forge('GET', '/pulls?state=open')
    await forge('PUT', `/pulls/${pull.number}/merge`, { merge_method: 'squash' })
    // What is merged cannot be fetched; who looks at the job hears of it, though it cannot be written down.
    await expect.poll(() => heard, { timeout: 20_000 }).toContain('waits, and tries again: ')
    expect(await acts.call('GET', `/jobs/${waiting.id}`)).toMatchObject({ state: 'running' })
    await server.limitFiles(undefined)
    const end = await acts.ended(waiting.id)
    expect(end, JSON.stringify(end)).toMatchObject({ state: 'done' })
    await expect.poll(health, { timeout: 20_000 }).toBe('ok\n')
    const commits = await forge('GET', '/commits?per_page=100')
    const made = commits.filter((each: { commit: { message: string } }) =>
      each.commit.message.startsWith('Create shop'),
    )
    expect(made).toHaveLength(1)
    expect(await forge('GET', '/pulls?state=all')).toHaveLength(1)
    await acts.change('/applications', creation('late'), { follow: false })
    const { entries } = await acts.call('GET', '/audit?action=application.change')
    for (const object of ['application shop', 'application late'])
      expect(entries.filter((each: { object: string }) => each.object === object)).toMatchObject([{ outcome: 'done' }])
  }, 90_000)
})

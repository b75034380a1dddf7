import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { valueAt } from '../../src/base/json.ts'
import { silentLogger } from '../../src/base/log.ts'
import { applyBootstrap } from '../../src/bootstrap/index.ts'
import { fleetRepository } from '../../src/fleet/repository-remote.ts'
import { type ScaleRequest, scaleCluster } from '../../src/fleet/scale.ts'
import { createForge, createGitHubForge, type Forge } from '../../src/forges/index.ts'
import { openMirror, writeFiles } from '../../src/git/index.ts'
import { startSluice } from '../harness/live-sluice.ts'
import { exampleFleet, exampleSpecs, type LocalFixture, startFixture } from '../harness/local-fixture.ts'
import { runSluice } from '../harness/run-sluice.ts'

let fixture: LocalFixture
beforeEach(async () => {
  fixture = await startFixture()
  await fixture.system.forge.admin.createRepository({ owner: 'acme', name: 'fleet' })
  await seed({ 'README.md': '# ours\n' })
  await protect()
})
afterEach(() => fixture.close())

const gitHub = () =>
  createGitHubForge({ host: fixture.system.forge.url, token: fixture.system.token, userAgent: 'test' })

async function withMirror<T>(work: (mirror: Awaited<ReturnType<typeof openMirror>>) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-test-mirror-'))
  const mirror = await openMirror(dir)
  try {
    return await work(mirror)
  } finally {
    mirror.close()
    await rm(dir, { recursive: true, force: true })
  }
}

const seed = (files: Record<string, string>) =>
  withMirror(mirror =>
    writeFiles({
      mirror,
      remote: gitHub().remote('acme', 'fleet'),
      branch: 'main',
      changes: Object.entries(files).map(([path, content]) => ({ path, content })),
      message: 'Seed\n',
      author: { name: 'Somebody', email: 'somebody@example.com' },
    }),
  )

const api = async (method: string, path: string, body?: unknown) => {
  const answer = await fetch(`${fixture.system.forge.apiUrl}/repos/acme/fleet${path}`, {
    method,
    headers: { authorization: `token ${fixture.system.token.reveal()}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  expect(answer.status, `${method} ${path}`).toBeLessThan(300)
  return answer.status === 204 ? undefined : await answer.json()
}
const protect = () =>
  api('PUT', '/branches/main/protection', {
    required_status_checks: null,
    enforce_admins: true,
    required_pull_request_reviews: {},
    restrictions: null,
  })
const merge = (number: number, method: string) => api('PUT', `/pulls/${number}/merge`, { merge_method: method })
const pulls = async () => (await api('GET', '/pulls?state=all')) as { title: string; state: string; html_url: string }[]
const wanted = async (cluster: string, group: number) => {
  const kind = { group: 'anywhere.eks.amazonaws.com', version: 'v1alpha1', kind: 'Cluster' }
  const found = await fixture.system.client.find({ ...kind, namespace: 'default', name: cluster })
  return valueAt(found, ['spec', 'workerNodeGroupConfigurations', group, 'count'])
}

describe('a fleet on a protected branch of GitHub, by the command line', () => {
  const bootstrap = ['bootstrap', '-f', exampleSpecs, '--yes', '--adopt']

  it('is bootstrapped and scaled through pull requests, also when the command is killed while it waits', async () => {
    const plan = await runSluice(['bootstrap', '-f', exampleSpecs, '--dry-run', '--adopt', ...fixture.args])
    expect(plan.code, plan.stderr).toBe(0)
    expect(plan.stdout).toContain('through a pull request to main: a rule of main wants one')
    expect(plan.stdout).toContain('main wants a pull request: Sluice opens one and waits for the merge')
    expect(await pulls()).toEqual([])

    const first = startSluice([...bootstrap, ...fixture.args])
    await first.waitFor('waiting for it to be merged')
    first.kill('SIGKILL')
    expect(await first.ended).toBeNull()
    const [pull] = await pulls()
    expect(first.said()).toContain(`opened a pull request ${pull!.html_url}`)
    expect(pull!.title).toBe('Add mgmt, prod, staging to the fleet of mgmt')

    const second = startSluice([...bootstrap, ...fixture.args])
    await second.waitFor(`found the open pull request ${pull!.html_url}`)
    await merge(1, 'squash')
    expect(await second.ended, second.said()).toBe(0)
    expect(second.said()).toContain(`reviewed    ${pull!.html_url}`)
    expect(await pulls()).toHaveLength(1)

    const dry = await runSluice(['scale', 'prod', 'web=5', '--dry-run', ...fixture.args])
    expect(dry.code, dry.stderr).toBe(0)
    expect(dry.stderr).toContain('it would go through a pull request: a rule of main wants one')
    expect(await pulls()).toHaveLength(1)

    const scale = startSluice(['scale', 'prod', 'web=5', ...fixture.args])
    await scale.waitFor('waiting for it to be merged')
    scale.kill('SIGINT')
    expect(await scale.ended).not.toBe(0)
    expect(await wanted('prod', 0)).toBe(3)
    const again = startSluice(['scale', 'prod', 'web=5', ...fixture.args])
    await again.waitFor('found the open pull request')
    await merge(2, 'rebase')
    expect(await again.ended, again.said()).toBe(0)
    expect(again.said()).toMatch(/prod: web 3 → 5 .*, reviewed in http:\S+\/acme\/fleet\/pull\/2/)
    expect(await wanted('prod', 0)).toBe(5)
    expect(await pulls()).toHaveLength(2)
  })

  it('that is turned down ends with the reason, and nothing is changed', async () => {
    const run = startSluice([...bootstrap, ...fixture.args])
    await run.waitFor('waiting for it to be merged')
    fixture.system.forge.misbehave({
      match: '/pulls/1',
      status: 429,
      headers: { 'retry-after': '1' },
      body: { message: 'slow down' },
    })
    await run.waitFor(/waiting for \S+, again at \d\d:\d\d:\d\d: the host limits how fast requests may come/)
    await api('PATCH', '/pulls/1', { state: 'closed' })
    expect(await run.ended).toBe(5)
    expect(run.said()).toContain('E_FORGE_REQUEST_CLOSED')
    expect(run.said()).toContain('/acme/fleet/pull/1')
    const namespace = { group: '', version: 'v1', kind: 'Namespace', namespace: '', name: 'flux-system' }
    expect(await fixture.system.client.find(namespace)).toBeUndefined()
  })

  it('is refused with the way out when pull requests are not wanted', async () => {
    const run = await runSluice([...bootstrap, '--pull-request=never', ...fixture.args])
    expect(run.code).toBe(5)
    expect(run.stderr).toContain('E_FORGE_BRANCH_PROTECTED')
    expect(await pulls()).toEqual([])
  })
})

describe('a fleet on a protected branch of GitLab', () => {
  it('is bootstrapped and scaled through merge requests, and a count that somebody else set is named', async () => {
    const { system, dataDir } = fixture
    const token = system.forge.admin.createGitLabToken({ user: system.state.user, scopes: ['api'] })
    const forge: Forge = createForge({ kind: 'gitlab', host: system.forge.url, token, userAgent: 'test' })
    const stop = new AbortController()
    let seen = 0
    /** Merges every request as soon as it is told of. */
    const review = (method: string) => (event: { type: string; request?: { id: string; url: string } }) => {
      if (event.type !== 'request-open') return
      seen++
      expect(event.request!.url).toContain('/-/merge_requests/')
      void merge(Number(event.request!.id), method)
    }
    const onReview = review('merge')
    const report = await applyBootstrap({
      fleet: await exampleFleet(),
      adopt: true,
      forge,
      client: system.client,
      dataDir,
      clock: systemClock,
      logger: silentLogger,
      signal: stop.signal,
      timeoutMs: 60_000,
      onEvent: event => event.type === 'review' && onReview(event.event),
    })
    expect(report.error).toBeUndefined()
    expect(report).toMatchObject({ outcome: 'done', pullRequest: expect.stringContaining('/-/merge_requests/1') })
    expect(seen).toBe(1)

    const request = (count: number, more: Partial<ScaleRequest> = {}): ScaleRequest => ({
      client: system.client,
      cluster: 'prod',
      targets: [{ group: 'web', count }],
      repositoryFor: url => fleetRepository(forge, url),
      dataDir,
      author: { name: 'Mona', email: 'mona@example.com' },
      clock: systemClock,
      signal: stop.signal,
      timeoutMs: 60_000,
      ...more,
    })
    const scaled = await scaleCluster(request(5, { onReview: review('squash') }))
    expect(scaled).toMatchObject({ counts: [{ group: 'web', from: 3, to: 5 }], pullRequest: expect.any(String) })
    expect(await wanted('prod', 0)).toBe(5)

    // Somebody else merges another count while ours is open.
    let theirs: Promise<unknown> | undefined
    const ours = scaleCluster(
      request(7, {
        onReview: event => {
          if (event.type === 'request-open') theirs = scaleCluster(request(6, { onReview: review('squash') }))
        },
      }),
    )
    await expect(ours).rejects.toMatchObject({
      code: 'E_FLEET_SCALE_CONFLICT',
      message: expect.stringMatching(
        /expected 5, as when this command began, to set 7, seen 6, set by .* in [0-9a-f]{7} \(Scale prod web from 5 to 6/,
      ),
    })
    await theirs
    expect(await wanted('prod', 0)).toBe(6)
    await forge.close()
  })
})

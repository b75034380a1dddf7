import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Misbehaviour } from '../sandbox/forge/misbehave.ts'
import type { Job } from './contract/live.ts'
import { type ConnectedServer, startConnectedServer } from './testing/connected-server.ts'

let one: ConnectedServer
beforeAll(async () => {
  one = await startConnectedServer()
}, 120_000)
afterAll(() => one?.close())

const backs: (() => void)[] = []
const misbehave = (fault: Misbehaviour) => {
  const back = one.system.forge.misbehave({ times: 999, ...fault })
  backs.push(back)
  return back
}
afterEach(() => {
  for (const back of backs.splice(0)) back()
})

const creation = (name: string, more: object = {}) => ({
  kind: 'create',
  name,
  project: 'web',
  chart: { kind: 'Template', name: 'worker', version: '1.0.0' },
  values: { image: { repository: 'ghcr.io/acme/shop', tag: '1.0.0' } },
  environments: [{ environment: 'staging' }],
  ...more,
})
const begin = (name: string, more: object = {}, change: object = {}): Promise<Job> =>
  one.begin('/applications', creation(name, change), { follow: false, ...more })
const step = async (id: string, name: string) =>
  ((await one.call('GET', `/jobs/${id}`)) as Job).steps.find(each => each.id === name)
const host = async (method: string, path: string, body?: object) => {
  const answer = await fetch(`${one.system.forge.apiUrl}/repos/acme${path}`, {
    method,
    headers: { authorization: `token ${one.system.token.reveal()}` },
    ...(body && { body: JSON.stringify(body) }),
  })
  expect(answer.status, `${method} ${path}`).toBeLessThan(300)
  // biome-ignore lint/suspicious/noExplicitAny: the host's own answer
  return (await answer.json()) as any
}
const subjects = async (repository = 'fleet'): Promise<string[]> =>
  (await host('GET', `/${repository}/commits?per_page=100`)).map(
    (each: { commit: { message: string } }) => each.commit.message.split('\n')[0],
  )
const times = async (beginning: string, repository = 'fleet') =>
  (await subjects(repository)).filter(subject => subject.startsWith(beginning)).length
const entries = async (object: string) =>
  (await one.call('GET', '/audit?action=application.change')).entries.filter(
    (each: { object: string }) => each.object === object,
  )

const pushes = /POST \/acme\/fleet(\.git)?\/git-receive-pack/
const gone = { status: 503, body: 'upstream connect error' }
const limited = { status: 429, headers: { 'retry-after': '3000' }, body: { message: 'API rate limit exceeded' } }

describe('a change by push', () => {
  it.each<{ readonly fault: string; readonly name: string; readonly code: RegExp; readonly with: Misbehaviour }>([
    { fault: 'takes no push', name: 'p1', code: /^E_GIT_/, with: { match: pushes, ...gone } },
    { fault: 'cuts the push off', name: 'p3', code: /^E_GIT_/, with: { match: pushes, drop: true } },
    { fault: 'is away', name: 'p4', code: /^E_(GIT|FORGE)_/, with: { drop: true } },
  ])(
    'to a host that $fault says so, leaves nothing behind, and is made once by the next try',
    async ({ name, code, with: fault }) => {
      const before = (await subjects()).length
      const { tip } = await one.call('POST', '/applications/changes/preview', { change: creation(name) })
      const back = misbehave(fault)
      const started = await one.server.administrator.call('POST', '/api/v1/applications/changes', {
        change: creation(name),
        tip,
        follow: false,
      })
      const end = started.status === 202 ? await one.ended(started.body.id) : undefined
      const error = end?.error ?? started.body.error
      back()
      expect(error.code, JSON.stringify(error)).toMatch(code)
      expect(error.next.length).toBeGreaterThan(20)
      if (end) expect(end).toMatchObject({ state: 'failed' })
      expect((await subjects()).length).toBe(before)
      expect(await one.ended((await begin(name)).id)).toMatchObject({ state: 'done' })
      expect(await times(`Create ${name}`)).toBe(1)
    },
    60_000,
  )

  it('whose answer is lost is found on the branch: nothing is committed twice', async () => {
    misbehave({ match: pushes, times: 1, drop: { afterBytes: 1 } })
    const end = await one.ended((await begin('lost')).id)
    expect(end, JSON.stringify(end)).toMatchObject({ state: 'done' })
    expect(await times('Create lost')).toBe(1)
  }, 60_000)
})

describe('a change by pull request', () => {
  it('waits for its merge while the host is away, says so, and goes on', async () => {
    const job = await begin('review', { request: true })
    await expect.poll(() => step(job.id, 'commit'), { timeout: 20_000 }).toMatchObject({ detail: 'waits to be merged' })
    const back = misbehave({ match: '/fleet.git/info/refs', ...gone })
    await expect
      .poll(() => step(job.id, 'commit'), { timeout: 30_000 })
      .toMatchObject({ state: 'running', detail: expect.stringMatching(/^waits, and tries again: .*503/) })
    back()
    await expect
      .poll(() => step(job.id, 'commit'), { timeout: 30_000 })
      .toMatchObject({ state: 'running', detail: 'waits to be merged' })
    const [pull, ...others] = await host('GET', '/fleet/pulls?state=open')
    expect(others).toEqual([])
    await host('PUT', `/fleet/pulls/${pull.number}/merge`, { merge_method: 'squash' })
    expect(await one.ended(job.id)).toMatchObject({ state: 'done' })
    expect(await times('Create review')).toBe(1)
    expect(await entries('application review')).toMatchObject([{ outcome: 'done', who: 'admin' }])
  }, 60_000)

  it('that cannot be opened says so; the next try takes up its branch and opens one', async () => {
    misbehave({ match: /POST \/api\/v3\/repos\/acme\/fleet\/pulls$/, times: 1, ...gone })
    const failed = await one.ended((await begin('opened', { request: true })).id)
    expect(failed, JSON.stringify(failed)).toMatchObject({ state: 'failed', error: { code: 'E_FORGE_SERVER_ERROR' } })
    const job = await begin('opened', { request: true })
    await expect.poll(() => step(job.id, 'commit'), { timeout: 20_000 }).toMatchObject({ detail: 'waits to be merged' })
    const pulls = await host('GET', '/fleet/pulls?state=open')
    expect(pulls).toHaveLength(1)
    await host('PUT', `/fleet/pulls/${pulls[0].number}/merge`, { merge_method: 'squash' })
    expect(await one.ended(job.id)).toMatchObject({ state: 'done' })
    expect(await times('Create opened')).toBe(1)
  }, 60_000)
})

describe('a repository of its own', () => {
  const own = { repository: 'own' }

  it('whose making is not answered is taken up by the next try, and made once', async () => {
    misbehave({ match: /POST \/api\/v3\/orgs\/acme\/repos/, times: 1, drop: { afterBytes: 1 } })
    const failed = await one.ended((await begin('till', {}, own)).id)
    expect(failed, JSON.stringify(failed)).toMatchObject({ state: 'failed' })
    expect(failed.steps.find(each => each.id === 'repository')).toMatchObject({ state: 'failed' })
    expect(failed.steps.find(each => each.id === 'commit')).toMatchObject({ state: 'not-run' })
    const again = await one.ended((await begin('till', {}, own)).id)
    expect(again, JSON.stringify(again)).toMatchObject({ state: 'done' })
    expect(await times('Create till', 'till-config')).toBe(1)
    expect(await times('Add till,')).toBe(1)
  }, 60_000)
})

describe('a change of the fleet', () => {
  const scale = async (size: number): Promise<Job> =>
    one.ended((await one.call('POST', '/fleet/clusters/default/prod/scale', { targets: [{ group: 'web', size }] })).id)

  it('to a host that takes no push says so and commits nothing; one whose answer is lost is followed to its end', async () => {
    const before = (await subjects()).length
    const back = misbehave({ match: pushes, ...gone })
    const failed = await scale(4)
    back()
    expect(failed, JSON.stringify(failed)).toMatchObject({ state: 'failed', error: { code: 'E_GIT_SERVER_ERROR' } })
    expect(failed.steps.map(each => each.state)).toEqual(['failed', 'not-run', 'not-run', 'not-run'])
    expect((await subjects()).length).toBe(before)
    misbehave({ match: pushes, times: 1, drop: { afterBytes: 1 } })
    const end = await scale(4)
    expect(end, JSON.stringify(end)).toMatchObject({ state: 'done' })
    expect(await times('Scale prod')).toBe(1)
  }, 60_000)
})

describe('a connection', () => {
  const settings = {
    owner: 'acme',
    personal: false,
    repository: 'fleet',
    branch: 'main',
    repositoryTemplate: '{app}-config',
    visibility: 'private',
    review: 'auto',
  }
  const validate = async (address = one.system.forge.url): Promise<Job> => {
    const draft = { name: 'Other', kind: 'github', host: address, settings }
    const credential = { token: one.system.token.reveal() }
    return one.ended((await one.call('POST', '/connections/validate', { draft, credential })).id)
  }
  const proofOf = (job: Job) =>
    (job.result as { proof: { outcome: string; lines: { status: string; detail?: string }[] } }).proof

  it('that is looked at while its host fails, is cut off or has another certificate is said to be not known, and why', async () => {
    const faults: readonly (readonly [Misbehaviour | undefined, RegExp, string?])[] = [
      [{ match: '/api/v3', ...gone }, /503/],
      [{ drop: true }, /cut/],
      [undefined, /TLS|SSL|EPROTO|certificate/i, one.system.forge.url.replace('http:', 'https:')],
    ]
    for (const [fault, words, address] of faults) {
      const back = fault && misbehave(fault)
      const job = await validate(address)
      back?.()
      expect(job, JSON.stringify(job)).toMatchObject({ state: 'done' })
      const proof = proofOf(job)
      expect(proof.outcome, JSON.stringify(proof)).not.toBe('proven')
      expect(JSON.stringify(proof.lines.filter(line => line.status !== 'pass'))).toMatch(words)
    }
    expect(proofOf(await validate()).outcome).toBe('proven')
  }, 60_000)

  it('waits for a host that asks for a rest, and says so', async () => {
    misbehave({ match: '/api/v3', times: 1, ...limited, headers: { 'retry-after': '1' } })
    const job = await validate()
    expect(proofOf(job).outcome, JSON.stringify(job)).toBe('proven')
    expect(job.steps.find(each => each.id === 'waiting')).toMatchObject({ detail: expect.stringContaining('limits') })
  }, 60_000)
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eksaFiles, installAsFlux, rootKustomization, rootSource } from '../harness/eksa-repository.ts'
import { fleetRepositoryOf } from '../harness/fleet-repository.ts'
import { applied, uids } from '../harness/inventory.ts'
import { startSluice } from '../harness/live-sluice.ts'
import { type LocalFixture, startFixture } from '../harness/local-fixture.ts'

describe('on a protected branch, by pull requests', () => {
  let fixture: LocalFixture
  let before: Record<string, string>
  beforeAll(async () => {
    fixture = await startFixture()
    await installAsFlux(fixture, await eksaFiles(`${fixture.system.forge.url}/acme/fleet.git`))
    await applied(fixture, (await fleetRepositoryOf(fixture).log())[0]!.sha)
    before = await uids(fixture)
    await api('PUT', '/branches/main/protection', {
      required_status_checks: null,
      enforce_admins: true,
      required_pull_request_reviews: {},
      restrictions: null,
    })
  })
  afterAll(() => fixture.close())

  async function api(method: string, path: string, body?: unknown) {
    const answer = await fetch(`${fixture.system.forge.apiUrl}/repos/acme/fleet${path}`, {
      method,
      headers: { authorization: `token ${fixture.system.token.reveal()}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    expect(answer.status, `${method} ${path}`).toBeLessThan(300)
    return answer.json()
  }
  const merge = (number: number) => api('PUT', `/pulls/${number}/merge`, { merge_method: 'squash' })
  const start = (...args: string[]) => startSluice([...args, '--yes', ...fixture.args])

  it('a repository is imported', async () => {
    const run = start('import')
    await run.waitFor('waiting for it to be merged')
    await merge(1)
    expect(await run.ended, run.said()).toBe(0)
    expect(await fleetRepositoryOf(fixture).read('.sluice.json')).toContain('sluice')
  })

  it('a fleet moves to another folder, also when the command is killed while it waits', async () => {
    const first = start('gitops', 'move', '--to-path', 'fleets/mgmt')
    await first.waitFor('waiting for it to be merged')
    first.kill('SIGKILL')
    await first.ended
    const run = start('gitops', 'move', '--to-path', 'fleets/mgmt')
    await run.waitFor('found the open pull request')
    await merge(2)
    await run.waitFor('pull/3')
    await merge(3)
    expect(await run.ended, run.said()).toBe(0)
    expect((await fixture.system.client.get(rootKustomization))['spec']).toMatchObject({ path: './fleets/mgmt' })
    expect(await uids(fixture)).toEqual(before)
  })

  it('a fleet moves to another branch: the last commit of the old one is reviewed', async () => {
    const run = start('gitops', 'move', '--to-branch', 'production')
    await run.waitFor('waiting for it to be merged')
    expect((await fixture.system.client.get(rootSource))['spec']).toMatchObject({ ref: { branch: 'main' } })
    // What somebody else merges while that request is open was not copied: the move says so, and does not look done.
    const [main] = (await api('GET', '/git/matching-refs/heads/main')) as { object: { sha: string } }[]
    await api('POST', '/git/refs', { ref: 'refs/heads/late', sha: main?.object.sha })
    await fleetRepositoryOf(fixture, 'fleet', 'late').push({ 'clusters/mgmt/late.yaml': '# nothing\n' }, 'Too late\n')
    await api('POST', '/pulls', { title: 'Too late', head: 'late', base: 'main' })
    await merge(5)
    await merge(4)
    expect(await run.ended, run.said()).toBe(1)
    expect(run.said()).toContain('E_GITOPS_LATE_COMMITS')
    expect(run.said()).toMatch(/[0-9a-f]{7} \(Too late.*\): clusters\/mgmt\/late\.yaml/)
    expect(run.said()).toContain('git cherry-pick')
    expect((await fixture.system.client.get(rootSource))['spec']).toMatchObject({ ref: { branch: 'production' } })
    expect(await uids(fixture)).toEqual(before)
    const again = start('gitops', 'move', '--to-branch', 'production')
    expect(await again.ended, again.said()).toBe(0)
    expect(again.said()).toContain('clusters/mgmt/late.yaml')
    await fleetRepositoryOf(fixture, 'fleet', 'production').push({ 'clusters/mgmt/late.yaml': '# nothing\n' })
    const carried = start('gitops', 'move', '--to-branch', 'production')
    expect(await carried.ended, carried.said()).toBe(0)
    expect(carried.said()).not.toContain('late.yaml')
  })
})

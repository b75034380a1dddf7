import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { valueAt } from '../../src/base/json.ts'
import { type FleetRepository, fleetRepositoryOf } from '../harness/fleet-repository.ts'
import { startSluice } from '../harness/live-sluice.ts'
import { exampleSpecs, type LocalFixture, startFixture } from '../harness/local-fixture.ts'
import { runSluice } from '../harness/run-sluice.ts'

const file = 'clusters/mgmt/prod/eksa-system/eksa-cluster.yaml'

describe('sizes of a fleet with guardrails in Git', () => {
  let fixture: LocalFixture
  let git: FleetRepository

  beforeAll(async () => {
    fixture = await startFixture()
    git = fleetRepositoryOf(fixture)
    const up = await runSluice(['bootstrap', '-f', exampleSpecs, '--yes', ...fixture.args])
    expect(up.code, up.stderr).toBe(0)
  })
  afterAll(() => fixture.close())

  const sluice = (...args: string[]) => runSluice([...args, ...fixture.args])
  const group = async (at: number) => {
    const kind = { group: 'anywhere.eks.amazonaws.com', version: 'v1alpha1', kind: 'Cluster' }
    const found = await fixture.system.client.find({ ...kind, namespace: 'default', name: 'prod' })
    return valueAt(found, ['spec', 'workerNodeGroupConfigurations', at]) as Record<string, unknown>
  }

  it('refuses what breaks one before anything is written, with the rule and its line', async () => {
    await git.push({ 'sluice.yaml': 'guardrails:\n  - clusters: [prod]\n    largestStep: 2\n    ceiling: 6\n' })
    const before = (await git.log()).length
    const run = await sluice('scale', 'prod', 'web=7')
    expect(run.code).toBe(5)
    expect(run.stderr).toContain('E_FLEET_GUARDRAIL')
    expect(run.stderr).toContain(
      'expected at most 2 nodes in one commit (sluice.yaml:3); never above 6 (sluice.yaml:4), seen 3 to 7 is 4; 7',
    )
    expect(await git.log()).toHaveLength(before)
  })

  it('shows with --dry-run which ones there are, kept or broken', async () => {
    const kept = await sluice('scale', 'prod', 'web=4', '--dry-run')
    expect(kept.code, kept.stderr).toBe(0)
    expect(kept.stderr).toContain('✔ web: at most 2 nodes in one commit (sluice.yaml:3)')
    expect(kept.stderr).toContain('✔ web: never above 6 (sluice.yaml:4)')
    const broken = await sluice('scale', 'prod', 'web=9', '--dry-run')
    expect(broken.code).toBe(5)
    expect(broken.stderr).toContain('✗ web: never above 6 (sluice.yaml:4): 9')
  })

  it('changes nothing while the file has an error, or while a freeze lasts', async () => {
    await git.push({ 'sluice.yaml': 'guardrails:\n  - ceilin: 6\n' })
    const run = await sluice('scale', 'prod', 'web=4')
    expect(run.code).toBe(3)
    expect(run.stderr).toContain('sluice.yaml:2:5: guardrails[0].ceilin: Invalid value: 6: unknown field; did you mean')
    const freeze = '{reason: sale, from: 2020-01-01, until: 2999-01-01, timeZone: Europe/Berlin}'
    await git.push({ 'sluice.yaml': `guardrails:\n  - groups: [web]\n    freeze: [${freeze}]\n` })
    const frozen = await sluice('scale', 'prod', 'web=4')
    expect(frozen.stderr).toContain(
      'expected frozen (sale) (sluice.yaml:3), seen the freeze lasts until 2998-12-31T23:00',
    )
  })

  it('refuses a count of an autoscaled group, offers its bounds, and sets them', async () => {
    await git.push({ 'sluice.yaml': undefined })
    const refused = await sluice('scale', 'prod', 'batch=7')
    expect(refused.code).toBe(5)
    expect(refused.stderr).toContain('a group that the autoscaler sizes between 1 and 5')
    expect(refused.stderr).toContain('sluice scale prod batch=1..7')
    const text = await git.read(file)
    const set = await sluice('scale', 'prod', 'batch=3..6')
    expect(set.code, set.stderr).toBe(0)
    expect(set.stdout).toContain('prod: batch 1..5 → 3..6')
    // The count must lie inside of the bounds.
    expect(await group(1)).toMatchObject({ count: 3, autoscalingConfiguration: { minCount: 3, maxCount: 6 } })
    expect(await git.read(file)).toBe(
      text.replace('minCount: 1', 'minCount: 3').replace('maxCount: 5', 'maxCount: 6').replace('count: 2', 'count: 3'),
    )
    const fixed = await sluice('scale', 'prod', 'web=1..4')
    expect(fixed.stderr).toContain('the autoscaler does not size this group')
    const turned = await sluice('scale', 'prod', 'batch=6..2')
    expect(turned.code).toBe(2)
    expect((await git.log())[0]?.subject).toBe('Scale prod batch from 1..5 to 3..6')
  })

  it('takes a group of two persons through a pull request, and refuses the push', async () => {
    await git.push({ 'sluice.yaml': 'guardrails:\n  - groups: [web]\n    twoPerson: true\n' })
    const never = await sluice('scale', 'prod', 'web=4', '--pull-request=never')
    expect(never.code).toBe(5)
    expect(never.stderr).toContain('changes come by a pull or merge request (sluice.yaml:3)')
    const dry = await sluice('scale', 'prod', 'web=4', '--dry-run')
    expect(dry.code, dry.stderr).toBe(0)
    expect(dry.stderr).toContain('it would go through a pull request: sluice.yaml:3 wants one for web')
    const run = startSluice(['scale', 'prod', 'web=4', ...fixture.args])
    await run.waitFor('waiting for it to be merged')
    const merged = await fetch(`${fixture.system.forge.apiUrl}/repos/acme/fleet/pulls/1/merge`, {
      method: 'PUT',
      headers: { authorization: `token ${fixture.system.token.reveal()}` },
      body: JSON.stringify({ merge_method: 'squash' }),
    })
    expect(merged.status).toBe(200)
    expect(await run.ended, run.said()).toBe(0)
    expect(await group(0)).toMatchObject({ count: 4 })
  })
})

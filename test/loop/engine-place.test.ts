import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fleetRepositoryOf } from '../harness/fleet-repository.ts'
import { liveUids, lostSince } from '../harness/live-uids.ts'
import { exampleSpecs, type LocalFixture, startFixture } from '../harness/local-fixture.ts'
import { startPodEngine } from '../harness/pod-engine.ts'
import { runSluice } from '../harness/run-sluice.ts'

const namespace = 'flux-system'
const components = 'clusters/mgmt/flux-system/gotk-components.yaml'
const place = ['--engine-place', 'cluster', '--engine-image', 'registry.example.com/sluice:0.1.0']
/** What belongs to an engine in the cluster, and to nothing else. */
const ofEngine =
  /\/(?:sluice-engine(?:-[a-z]+)*|webhook-receiver|critical-pods-flux-system)$|^(?:rbac)[^/]*\/[^/]+\/[^/]*\/sluice-engine/

// An engine that leaves the cluster prunes itself, its rights included: what it cannot finish, the one in a process does.
describe('the engine goes from the cluster into a process', () => {
  let fixture: LocalFixture
  beforeAll(async () => {
    fixture = await startFixture({ engine: false })
    const done = await run('bootstrap', '-f', exampleSpecs, ...place, '--yes')
    expect(done.code, done.stderr).toBe(0)
  })
  afterAll(() => fixture.close())
  const run = (...args: string[]) => runSluice([...args, ...fixture.args])

  it.each([
    ['bootstrap', ['bootstrap', '-f', exampleSpecs]],
    ['engine switch', ['engine', 'switch', '--to', 'sluice']],
  ])('by sluice %s: nothing goes but what is its own', async (_, command) => {
    const { client } = fixture.system
    const inCluster = await run(...command, ...place, '--yes')
    expect(inCluster.code, inCluster.stderr).toBe(0)
    const { items } = await client.list({ group: '', version: 'v1', kind: 'Pod' }, { namespace })
    const engine = await startPodEngine(fixture, items[0]!, ['--leader-election-lease-duration', '6s'])
    try {
      await engine.waitFor('this engine acts now')
      const before = await liveUids(client)
      const done = await run(...command, '--engine-place', 'process', '--yes')
      expect(done.code, done.stderr).toBe(0)
      const after = await liveUids(client)
      expect(lostSince(before, after).filter(key => !ofEngine.test(key))).toEqual([])
      expect([...after.keys()].filter(key => key.includes('sluice-engine'))).toEqual([])
      expect(await fleetRepositoryOf(fixture).read(components)).toContain('runs outside of the cluster')
      expect(done.stderr).toContain('No engine runs on this cluster by itself')
    } finally {
      engine.kill('SIGKILL')
      await engine.ended
    }
  })
})

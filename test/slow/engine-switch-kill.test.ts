import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FleetRepository, fleetRepositoryOf } from '../harness/fleet-repository.ts'
import { type FluxStandIn, startFluxStandIn, writeFluxManifests } from '../harness/flux-stand-in.ts'
import { watchLeases } from '../harness/lease-watch.ts'
import { liveUids, lostSince } from '../harness/live-uids.ts'
import { exampleSpecs, type LocalFixture, startFixture } from '../harness/local-fixture.ts'
import { runSluice } from '../harness/run-sluice.ts'

// One fleet goes to and fro: each switch is killed at another effect, and finished by the next run.
const toFlux = [
  'switch.hold',
  'files.push',
  'switch.apply.Namespace',
  'switch.apply.CustomResourceDefinition',
  'switch.apply.ClusterRoleBinding',
  'switch.rest',
  'switch.wake',
  'switch.resume',
]
const toSluice = [
  'switch.hold',
  'files.push',
  'switch.sleep',
  'switch.handover',
  'switch.start.CustomResourceDefinition',
  'switch.sweep.Deployment',
  'switch.sweep.ServiceAccount',
  'switch.resume',
]

describe('a change of the engine that is killed with SIGKILL', () => {
  let fixture: LocalFixture
  let flux: FluxStandIn
  let repository: FleetRepository
  let leases: Awaited<ReturnType<typeof watchLeases>>
  let manifests = ''
  let start: Map<string, string>
  beforeAll(async () => {
    fixture = await startFixture()
    flux = await startFluxStandIn(fixture)
    leases = await watchLeases(fixture.system.client)
    repository = fleetRepositoryOf(fixture)
    manifests = await writeFluxManifests(fixture.dataDir)
    const done = await runSluice(['bootstrap', '-f', exampleSpecs, '--yes', ...fixture.args])
    expect(done.code, done.stderr).toBe(0)
    start = await liveUids(fixture.system.client)
  })
  afterAll(async () => {
    leases.stop()
    await flux.close()
    await fixture.close()
  })

  const change = (to: 'flux' | 'sluice', fault?: string) =>
    runSluice(
      [
        ...['engine', 'switch', '--to', to, '--yes', ...fixture.args],
        ...(to === 'flux' ? ['--flux-manifests', manifests] : []),
      ],
      fault === undefined ? {} : { env: { SLUICE_FAULT: fault } },
    )

  /** Killed, then finished: one commit, every object the same, and the engine that was asked for. */
  async function killed(to: 'flux' | 'sluice', fault: string): Promise<void> {
    const commits = (await repository.log()).length
    const first = await change(to, fault)
    expect(first.signal, first.stderr).toBe('SIGKILL')
    expect(lostSince(start, await liveUids(fixture.system.client))).toEqual([])
    await finished(to)
    expect((await repository.log()).length).toBe(commits + 1)
  }

  async function finished(to: 'flux' | 'sluice'): Promise<void> {
    const done = await change(to)
    expect(done.code, done.stderr).toBe(0)
    const after = await liveUids(fixture.system.client)
    expect(lostSince(start, after)).toEqual([])
    const controllers = [...after.keys()].filter(key => key.startsWith('apps/Deployment/flux-system/'))
    expect(controllers.length).toBe(to === 'flux' ? 4 : 0)
    if (to === 'flux') expect(flux.acting).toBe(true)
    else expect([...after.keys()].sort()).toEqual([...start.keys()].sort())
    expect(leases.both).toEqual([])
  }

  // Before an effect is after the one before it; nothing is before the first.
  const faults = (effects: readonly string[]) => effects.map(effect => `after:${effect}`)

  it.each(faults(toFlux))(
    'to flux, %s, is finished by the next run, and so is the way back',
    async fault => {
      await killed('flux', fault)
      await finished('sluice')
    },
    300_000,
  )

  it.each(faults(toSluice))(
    'to sluice, %s, is finished by the next run, and so is the way back',
    async fault => {
      await finished('flux')
      await killed('sluice', fault)
    },
    300_000,
  )

  it.each(['after:files.push', 'after:switch.rest', 'after:switch.wake'])(
    'to flux, %s, can be turned back',
    async fault => {
      expect((await change('flux', fault)).signal).toBe('SIGKILL')
      await finished('sluice')
    },
    300_000,
  )

  it.each(['after:switch.sleep', 'after:switch.handover', 'after:switch.sweep.Deployment'])(
    'to sluice, %s, can be turned back',
    async fault => {
      await finished('flux')
      expect((await change('sluice', fault)).signal).toBe('SIGKILL')
      await finished('flux')
      await finished('sluice')
    },
    300_000,
  )
})

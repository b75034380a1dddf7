import { rm } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { EngineName } from '../../src/bootstrap/index.ts'
import { lostSince } from '../harness/live-uids.ts'
import { makeSwitchFleet, openSwitchFleet, type SwitchFleet } from '../harness/switch-fleet.ts'

// Where a run ends, in its order. What several effects of one kind are done with is cut after the first and before the next kind.
const cuts: Readonly<Record<EngineName, readonly string[]>> = {
  flux: [
    'after:switch.hold',
    'after:files.push',
    'after:switch.apply.CustomResourceDefinition',
    'after:switch.apply.ClusterRoleBinding',
    'before:switch.rest',
    'after:switch.rest',
    // All of Flux is there, at rest, and no engine of Sluice may write: nothing acts.
    'before:switch.wake',
    'after:switch.wake',
    'before:switch.fetch',
    'after:switch.fetch',
    'after:switch.resume',
  ],
  sluice: [
    'after:switch.hold',
    'after:files.push',
    'after:switch.sleep',
    // No process of Flux is left, and it was not handed over: nothing acts.
    'before:switch.handover',
    'after:switch.handover',
    'before:switch.start.Namespace',
    'after:switch.start.CustomResourceDefinition',
    'before:switch.sweep.Deployment',
    'after:switch.sweep.Deployment',
    'after:switch.sweep.ServiceAccount',
    'before:switch.fetch',
    'after:switch.fetch',
    'after:switch.resume',
  ],
}
const other = (engine: EngineName): EngineName => (engine === 'flux' ? 'sluice' : 'flux')

describe('a change of the engine that ends midway', () => {
  let made: string
  let fleet: SwitchFleet
  let start: Map<string, string>
  let whole = true
  /** The engine that the fleet is left with; undefined after a case that failed. */
  let acts: EngineName | undefined = 'sluice'
  beforeAll(async () => {
    made = await makeSwitchFleet()
    fleet = await openSwitchFleet(made)
    start = await fleet.uids()
  })
  afterEach(({ task }) => {
    whole = task.result?.state !== 'fail'
  })
  afterAll(async () => {
    await fleet.close()
    await rm(made, { recursive: true, force: true })
  })

  /** The fleet as it was made, or as the case before left it when that went well; run by `engine`, and nothing noted. */
  async function fleetOf(engine: EngineName): Promise<void> {
    if (!whole) {
      await fleet.close()
      fleet = await openSwitchFleet(made)
      acts = 'sluice'
    }
    if (acts !== engine) await changedTo(engine)
    fleet.overlap.clear()
  }

  async function changedTo(engine: EngineName): Promise<string[]> {
    const { report, effects } = await fleet.change(engine)
    expect(report.error).toBeUndefined()
    await actsAlone(engine)
    return effects
  }

  async function cutAt(to: EngineName, cut: string): Promise<void> {
    const { report } = await fleet.change(to, cut)
    expect(report.error?.message).toContain(`struck ${cut}`)
    expect(lostSince(start, await fleet.uids())).toEqual([])
  }

  /** Everything is as it was but for the engine, which is the only one that acted since. */
  async function actsAlone(engine: EngineName): Promise<void> {
    acts = engine
    const now = await fleet.uids()
    expect(lostSince(start, now)).toEqual([])
    const controllers = [...now.keys()].filter(key => key.startsWith('apps/Deployment/flux-system/'))
    expect(controllers.length).toBe(engine === 'flux' ? 4 : 0)
    expect(fleet.flux.acting).toBe(engine === 'flux')
    if (engine === 'sluice') expect([...now.keys()].sort()).toEqual([...start.keys()].sort())
    expect(fleet.overlap.found()).toEqual([])
  }

  it('has a case for every effect', async () => {
    for (const to of ['flux', 'sluice'] as const) {
      const effects = new Set(await changedTo(to))
      const cut = new Set(cuts[to].map(name => name.slice(name.indexOf(':') + 1)))
      // These are applied one after the other, and nothing waits for one of them.
      const like = /^switch\.(apply|start|sweep)\./
      expect([...effects].filter(name => !cut.has(name) && !like.test(name))).toEqual([])
      expect([...cut].filter(name => !effects.has(name))).toEqual([])
    }
  })

  // Taken in turns, so that each case finds the engine that it begins with.
  const longest = Math.max(cuts.flux.length, cuts.sluice.length)
  const cases = Array.from({ length: longest }, (_, i) =>
    (['flux', 'sluice'] as const).flatMap(to => {
      const cut = cuts[to][i]
      return cut === undefined ? [] : [{ to, cut }]
    }),
  ).flat()

  describe.each(cases)('to $to, $cut', ({ to, cut }) => {
    it('can be turned back', async () => {
      await fleetOf(other(to))
      await cutAt(to, cut)
      await changedTo(other(to))
    })

    it('is finished by the next run, with one commit', async () => {
      await fleetOf(other(to))
      const commits = (await fleet.repository.log()).length
      await cutAt(to, cut)
      await changedTo(to)
      expect((await fleet.repository.log()).length).toBe(commits + 1)
    })
  })

  // The same with the command line and the real signal, where an engine runs beside the command, too.
  it.each([
    { to: 'flux', cut: 'after:switch.rest', step: 'install Flux at rest and stop the engine of Sluice' },
    { to: 'sluice', cut: 'before:switch.handover', step: 'put Flux to rest' },
    { to: 'sluice', cut: 'before:switch.start.Namespace', step: 'start Sluice' },
    { to: 'sluice', cut: 'after:switch.sweep.Deployment', step: 'remove the components of Flux' },
  ] as const)('to $to, killed with SIGKILL $cut, is finished by the same command', async ({ to, cut, step }) => {
    await fleetOf(other(to))
    expect((await fleet.command(to, cut)).signal).toBe('SIGKILL')
    expect(lostSince(start, await fleet.uids())).toEqual([])
    const done = await fleet.command(to)
    expect(done.code, done.stderr).toBe(0)
    expect(done.stderr).toContain(`goes on where an earlier run ended, in "${step}"`)
    await actsAlone(to)
  })
})

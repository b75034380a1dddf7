import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/log.ts'
import { applyBootstrap, type BootstrapReport, type EngineName, switchSteps } from '../../src/bootstrap/index.ts'
import { startEngine } from '../../src/engine/index.ts'
import { readManifests } from '../../src/flux/index.ts'
import { lookAlikeText } from '../../src/flux/testing/look-alike.ts'
import { createGitHubForge } from '../../src/forges/index.ts'
import { type OverlapWatch, watchOverlap } from './engine-overlap.ts'
import { type FleetRepository, fleetRepositoryOf } from './fleet-repository.ts'
import { type FluxStandIn, fluxCrds, startFluxStandIn, writeFluxManifests } from './flux-stand-in.ts'
import { liveUids } from './live-uids.ts'
import { exampleSpecs, type LocalFixture, startFixture } from './local-fixture.ts'
import { type Run, runSluice } from './run-sluice.ts'

const namespace = 'flux-system'

/** A live fleet with an engine of Sluice and a stand-in for Flux, of which one acts. */
export interface SwitchFleet {
  readonly fixture: LocalFixture
  readonly flux: FluxStandIn
  readonly overlap: OverlapWatch
  readonly repository: FleetRepository
  uids(): Promise<Map<string, string>>
  /**
   * Changes the engine in this process. `fault`, like `after:switch.hold`, ends the run there, with nothing after it, as a
   * kill does.
   */
  change(to: EngineName, fault?: string): Promise<{ readonly report: BootstrapReport; readonly effects: string[] }>
  /** Changes the engine with the command line, in a process that SIGKILL ends at `fault`. */
  command(to: EngineName, fault?: string): Promise<Run>
  close(): Promise<void>
}

/** Makes a fleet that Sluice's engine runs, and gives a copy of its data folder. */
export async function makeSwitchFleet(): Promise<string> {
  const fixture = await startFixture()
  const done = await runSluice(['bootstrap', '-f', exampleSpecs, '--yes', ...fixture.args])
  if (done.code !== 0) throw new Error(done.stderr)
  const copy = await mkdtemp(join(tmpdir(), 'sluice-switch-fleet-'))
  await fixture.stop()
  await cp(fixture.dataDir, copy, { recursive: true })
  await rm(fixture.dataDir, { recursive: true, force: true })
  return copy
}

/** Goes on with a copy of the folder that {@link makeSwitchFleet} made. */
export async function openSwitchFleet(from: string): Promise<SwitchFleet> {
  const fixture = await startFixture({ engine: false, from })
  const { system, dataDir } = fixture
  const { client } = system
  const flux = await startFluxStandIn(fixture, namespace)
  const overlap = await watchOverlap(client, flux.runs)
  const engineDir = join(dataDir, 'engine')
  const engine = await startEngine({ client: overlap.writingClient(client), dataDir: engineDir, clock: systemClock })
  const identity = await readFile(join(engineDir, 'identity'), 'utf8')
  const forge = createGitHubForge({ host: system.forge.url, token: system.token, userAgent: 'test' })
  const manifests = await writeFluxManifests(dataDir)
  const install = { manifests: readManifests(lookAlikeText({ crds: fluxCrds }), 'flux.yaml'), origin: 'a file' }
  const place = {
    owner: 'acme',
    repository: 'fleet',
    personal: false,
    branch: 'main',
    path: 'clusters/mgmt',
    namespace,
  }
  return {
    fixture,
    flux,
    overlap,
    repository: fleetRepositoryOf(fixture),
    uids: () => liveUids(client),
    change: async (to, fault) => {
      const effects: string[] = []
      const struck = (at: string) => {
        if (at === fault) throw new Error(`struck ${at}`)
      }
      const report = await applyBootstrap(
        {
          fleet: { ...place, management: 'mgmt', clusters: [], warnings: [] },
          ...{ forge, client, dataDir, flux: to === 'flux' ? install : undefined },
          ...{ clock: systemClock, logger: silentLogger, signal: new AbortController().signal, timeoutMs: 60_000 },
          effect: async (name, work) => {
            struck(`before:${name}`)
            const result = await work()
            effects.push(name)
            struck(`after:${name}`)
            return result
          },
        },
        switchSteps(to),
      )
      return { report, effects }
    },
    command: async (to, fault) => {
      const args = ['engine', 'switch', '--to', to, '--yes', ...fixture.args]
      const run = await runSluice(to === 'flux' ? [...args, '--flux-manifests', manifests] : args, {
        ...(fault === undefined ? {} : { env: { SLUICE_FAULT: fault } }),
      })
      overlap.onlyAlive(identity)
      return run
    },
    close: async () => {
      overlap.stop()
      await engine.close()
      await flux.close()
      await forge.close()
      await fixture.close()
    },
  }
}

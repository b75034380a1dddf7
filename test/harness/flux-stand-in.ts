import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/log.ts'
import { type Engine, startEngine } from '../../src/engine/index.ts'
import { type LookAlike, lookAlikeText } from '../../src/flux/testing/look-alike.ts'
import { createInformer } from '../../src/kube/watch/index.ts'
import { fluxKinds } from '../../src/specs/index.ts'
import type { LocalFixture } from './local-fixture.ts'

export const fluxCrds = fluxKinds.map(kind => kind.crd())

/** A file like the output of `flux install --export`. */
export async function writeFluxManifests(dir: string, options: Partial<LookAlike> = {}): Promise<string> {
  const path = join(dir, 'flux.yaml')
  await writeFile(path, lookAlikeText({ crds: fluxCrds, ...options }))
  return path
}

/** Acts for Flux while its kustomize-controller has a pod, as real pods would: the sandbox's run nothing. */
export interface FluxStandIn {
  /** Whether it acts now. */
  readonly acting: boolean
  /** How often it began to. */
  readonly starts: number
  close(): Promise<void>
}

export async function startFluxStandIn({ system }: LocalFixture, namespace = 'flux-system'): Promise<FluxStandIn> {
  const dataDir = await mkdtemp(join(tmpdir(), 'sluice-flux-stand-in-'))
  const kind = { group: 'apps', version: 'v1', kind: 'Deployment' }
  const informer = createInformer(system.client, kind, { namespace }, { clock: systemClock, logger: silentLogger })
  let engine: Engine | undefined
  let starts = 0
  let turn = Promise.resolve()
  const wanted = () => {
    const object = informer.get(namespace, 'kustomize-controller')
    const { replicas } = (object?.['spec'] ?? {}) as { replicas?: number }
    const { availableReplicas = 0 } = (object?.['status'] ?? {}) as { availableReplicas?: number }
    // The status may be behind the spec; a controller that is scaled to 0 gets no new pods.
    return replicas !== 0 && availableReplicas > 0
  }
  const look = async () => {
    if (wanted() && engine === undefined) {
      starts++
      engine = await startEngine({
        client: system.client,
        dataDir,
        clock: systemClock,
        yieldToFlux: false,
        tenancy: { systemNamespaces: [namespace] },
        lease: { namespace, name: 'kustomize-controller-leader-election', durationMs: 15_000 },
      })
    } else if (!wanted() && engine !== undefined) {
      const ending = engine
      await ending.close()
      engine = undefined
    }
  }
  informer.subscribe(() => {
    turn = turn.then(look, look)
  })
  await informer.synced
  return {
    get acting() {
      return engine?.leading === true
    },
    get starts() {
      return starts
    },
    async close() {
      informer.stop()
      await turn.catch(() => undefined)
      await engine?.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

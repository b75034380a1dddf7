import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/log.ts'
import { type Engine, startEngine } from '../../src/engine/index.ts'
import { type LookAlike, lookAlikeText } from '../../src/flux/testing/look-alike.ts'
import type { KubeObject } from '../../src/kube/object.ts'
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

/** A run of the stand-in, by the clock of this machine; it goes on while `to` is absent. */
export interface FluxRun {
  readonly pod: string
  readonly from: Date
  to?: Date
}

/** Acts for Flux as the container of each pod of its kustomize-controller would: the sandbox's pods run nothing. */
export interface FluxStandIn {
  /** Whether it acts now. */
  readonly acting: boolean
  /** From before the process of a pod is started until after it has ended. */
  readonly runs: readonly FluxRun[]
  close(): Promise<void>
}

/** Keeps a pod in the cluster until its process has ended, as the kubelet keeps one. */
const finalizer = 'sluice.test/process'

/**
 * Starts the stand-in. A process runs only for a pod that could be marked first, and a pod that was marked goes only when
 * its process has ended: so a pod that is gone has no process, which is what the real kubelet promises.
 */
export async function startFluxStandIn({ system }: LocalFixture, namespace = 'flux-system'): Promise<FluxStandIn> {
  const { client } = system
  const root = await mkdtemp(join(tmpdir(), 'sluice-flux-stand-in-'))
  const kind = { group: '', version: 'v1', kind: 'Pod' }
  const informer = createInformer(client, kind, { namespace }, { clock: systemClock, logger: silentLogger })
  const processes = new Map<string, { readonly engine: Engine; readonly run: FluxRun }>()
  const runs: FluxRun[] = []
  let turn = Promise.resolve()

  const mark = (pod: KubeObject, finalizers: readonly string[]) =>
    client.patch({ ...kind, namespace, name: pod.metadata.name ?? '' }, 'merge', {
      metadata: { uid: pod.metadata.uid, finalizers },
    })
  const start = async (pod: KubeObject) => {
    const { uid = '', name = '' } = pod.metadata
    await mark(pod, [...(pod.metadata.finalizers ?? []), finalizer])
    const run: FluxRun = { pod: name, from: new Date() }
    runs.push(run)
    const engine = await startEngine({
      client,
      dataDir: join(root, uid),
      clock: systemClock,
      yieldToFlux: false,
      tenancy: { systemNamespaces: [namespace] },
      lease: { namespace, name: 'kustomize-controller-leader-election', durationMs: 15_000 },
    })
    processes.set(uid, { engine, run })
  }
  const end = async (uid: string) => {
    const process = processes.get(uid)
    if (process === undefined) return
    await process.engine.close()
    process.run.to = new Date()
    processes.delete(uid)
  }
  const look = async (uid: string) => {
    const pod = informer.list(namespace).find(one => one.metadata.uid === uid)
    if (pod === undefined) return await end(uid)
    if (pod.metadata.deletionTimestamp === undefined) {
      const { phase } = (pod['status'] ?? {}) as { phase?: string }
      if (phase === 'Running' && !processes.has(uid)) await start(pod)
      return
    }
    await end(uid)
    const { finalizers = [] } = pod.metadata
    if (finalizers.includes(finalizer))
      await mark(
        pod,
        finalizers.filter(one => one !== finalizer),
      )
  }
  informer.subscribe(({ object }) => {
    const { uid = '', labels } = object.metadata
    if (labels?.['app'] !== 'kustomize-controller') return
    // A pod that changed meanwhile, or went, is looked at again with its next event.
    turn = turn.then(() => look(uid)).catch(() => undefined)
  })
  await informer.synced
  return {
    runs,
    get acting() {
      return [...processes.values()].some(({ engine }) => engine.leading)
    },
    async close() {
      informer.stop()
      await turn
      for (const uid of [...processes.keys()]) await end(uid)
      await rm(root, { recursive: true, force: true })
    },
  }
}

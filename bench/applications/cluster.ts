import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { createKubeClient, loadKubeConfig } from '../../src/kube/client/index.ts'
import type { KubeClient } from '../../src/kube/client/types.ts'
import { conditionOf } from '../../src/kube/condition.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { createInformer, type Informer } from '../../src/kube/watch/index.ts'
import { fluxKinds } from '../../src/specs/index.ts'
import { type MeasuredProcess, startMeasured } from '../cluster-process.ts'
import { inParallel } from '../stats.ts'
import { appKustomization, appsNamespace, namespaceObject, sourceObject } from './objects.ts'

const kustomizationKind = { group: 'kustomize.toolkit.fluxcd.io', version: 'v1', kind: 'Kustomization' }
const applied = { fieldManager: 'bench', force: true }

/** The cluster under measurement, seen from the person who uses it. */
export class BenchCluster {
  readonly kubeconfig: string
  /** The sandbox's API server; undefined for a cluster that was given. */
  readonly server: MeasuredProcess | undefined
  readonly client: KubeClient
  readonly #kustomizations: Informer

  private constructor(kubeconfig: string, server: MeasuredProcess | undefined, client: KubeClient) {
    this.kubeconfig = kubeconfig
    this.server = server
    this.client = client
    this.#kustomizations = createInformer(client, kustomizationKind, {}, { clock: systemClock })
  }

  /** The cluster of a kubeconfig, or a sandbox of its own process in `folder`. */
  static async open(folder: string, kubeconfig: string | undefined): Promise<BenchCluster> {
    const server = kubeconfig === undefined ? await startMeasured(join(folder, 'cluster')) : undefined
    const path = kubeconfig ?? server!.kubeconfig
    const client = createKubeClient(await loadKubeConfig({ path, env: {} }), { userAgent: 'sluice-bench-driver' })
    for (const kind of fluxKinds) {
      const crd = kind.crd()
      const ref = {
        group: 'apiextensions.k8s.io',
        version: 'v1',
        kind: crd.kind,
        namespace: '',
        name: crd.metadata.name!,
      }
      if ((await client.find(ref)) === undefined) await client.apply(crd, applied)
    }
    client.invalidateDiscovery()
    const cluster = new BenchCluster(path, server, client)
    await cluster.#kustomizations.synced
    return cluster
  }

  /** Whether real Flux acts on this cluster. */
  async hasFlux(): Promise<boolean> {
    const name = 'kustomize-controller'
    const ref = { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'flux-system', name }
    return (await this.client.find(ref)) !== undefined
  }

  async openNamespace(namespace = appsNamespace): Promise<void> {
    await this.client.apply(namespaceObject(namespace), applied)
  }

  /** Deletes a namespace with all that is in it. */
  async clear(namespace = appsNamespace): Promise<void> {
    const ref = { group: '', version: 'v1', kind: 'Namespace', namespace: '', name: namespace }
    await this.client.delete(ref)
    while ((await this.client.find(ref)) !== undefined) await systemClock.sleep(50)
  }

  async applySource(url: string, namespace = appsNamespace): Promise<void> {
    await this.client.apply(sourceObject(url, namespace), applied)
  }

  async applyKustomizations(
    apps: readonly string[],
    spec: (at: number) => Record<string, unknown> = () => ({}),
    namespace = appsNamespace,
  ): Promise<void> {
    const items = apps.map((app, at) => ({ app, at }))
    await inParallel(items, 32, ({ app, at }) => this.client.apply(appKustomization(app, spec(at), namespace), applied))
  }

  /** Resolves when these Kustomizations are Ready, at a commit if one is given. */
  async ready(
    apps: readonly string[],
    commit: string | undefined,
    signal: AbortSignal,
    namespace = appsNamespace,
  ): Promise<void> {
    const open = new Set(apps)
    const look = (object: KubeObject | undefined): void => {
      const status = object?.['status'] as { lastAppliedRevision?: string } | undefined
      const there = commit === undefined || status?.lastAppliedRevision?.endsWith(commit)
      if (object && there && conditionOf(object, 'Ready')?.status === 'True') open.delete(object.metadata.name ?? '')
    }
    for (const app of apps) look(this.#kustomizations.get(namespace, app))
    if (open.size === 0) return
    await new Promise<void>((resolve, reject) => {
      const fail = (error: Error) => {
        end()
        reject(error)
      }
      const timer = setTimeout(() => fail(new Error(`not Ready within 5 minutes: ${[...open].slice(0, 5)}`)), 300_000)
      const stopped = () => fail(new Error('stopped'))
      signal.addEventListener('abort', stopped, { once: true })
      const unsubscribe = this.#kustomizations.subscribe(({ object }) => {
        if (object.metadata.namespace !== namespace || !open.has(object.metadata.name ?? '')) return
        look(object)
        if (open.size > 0) return
        end()
        resolve()
      })
      const end = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', stopped)
        unsubscribe()
      }
    })
  }

  async close(): Promise<void> {
    this.#kustomizations.stop()
    await this.client.close()
    await this.server?.stop()
  }
}

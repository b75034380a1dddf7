import type { Clock } from '../../base/clock.ts'
import { SluiceError } from '../../base/errors/index.ts'
import type { Logger } from '../../base/log.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import { fluxControllersSelector, keepsEngineAway } from '../../kube/flux-controllers.ts'
import { formatRef, refOf } from '../../kube/identity.ts'
import { createInformer, type Informer } from '../../kube/watch/index.ts'

const deploymentKind = { group: 'apps', version: 'v1', kind: 'Deployment' } as const

/**
 * Two engines must never act on the same objects: while controllers of real Flux are installed in the cluster, this engine
 * does not act. A cluster that cannot be asked counts as one with Flux.
 */
export class FluxGate {
  readonly #client: KubeClient
  readonly #informer: Informer
  #closing = new AbortController()

  constructor(client: KubeClient, clock: Clock, logger: Logger) {
    this.#client = client
    const scope = { labelSelector: fluxControllersSelector, transform: withoutTemplate }
    this.#informer = createInformer(client, deploymentKind, scope, { clock, logger })
    this.#informer.subscribe(() => {
      if (this.keptBy !== undefined) this.#closing.abort(new DOMException('Flux acts here', 'AbortError'))
    })
  }

  /** The controller of Flux that keeps this engine from acting; undefined when none does. */
  get keptBy(): string | undefined {
    const found = this.#informer.list().find(keepsEngineAway)
    return found && formatRef(refOf(found))
  }

  /** Throws E_ENGINE_YIELDED while Flux acts. */
  check(): void {
    const by = this.keptBy
    if (by !== undefined) throw new SluiceError('E_ENGINE_YIELDED', { object: by })
  }

  /**
   * Asks the server itself, once the Lease is held: a watch may be behind, and whoever starts Flux installs it first and
   * then looks for holders of the Lease. Throws E_ENGINE_YIELDED.
   */
  async confirm(signal: AbortSignal): Promise<void> {
    const { items } = await this.#client.list(deploymentKind, { labelSelector: fluxControllersSelector, signal })
    const found = items.find(keepsEngineAway)
    if (found !== undefined)
      throw new SluiceError('E_ENGINE_YIELDED', {
        object: `Deployment/${found.metadata.namespace}/${found.metadata.name}`,
      })
  }

  /** Resolves, when this engine may act, with what is aborted when it no longer may. Rejects with the signal's reason. */
  async opened(signal: AbortSignal, onWait: (by: string) => void): Promise<AbortSignal> {
    const stopped = new Promise<never>((_, reject) => {
      if (signal.aborted) reject(signal.reason)
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    })
    stopped.catch(() => undefined)
    await Promise.race([this.#informer.synced, stopped])
    const by = this.keptBy
    if (by !== undefined) onWait(by)
    while (this.keptBy !== undefined) {
      let off = () => {}
      const changed = new Promise<void>(resolve => (off = this.#informer.subscribe(() => resolve())))
      await Promise.race([changed, stopped]).finally(() => off())
    }
    this.#closing = new AbortController()
    return this.#closing.signal
  }

  stop(): void {
    this.#informer.stop()
  }
}

/** Only labels, annotations and the number of pods are of interest. */
function withoutTemplate(object: Parameters<typeof keepsEngineAway>[0]): typeof object {
  const { managedFields: _managed, ...metadata } = object.metadata
  const { replicas } = (object['spec'] ?? {}) as { replicas?: number }
  const status = (object['status'] ?? {}) as { replicas?: number }
  return { ...object, metadata, spec: { replicas }, status: { replicas: status.replicas } }
}

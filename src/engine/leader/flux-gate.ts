import type { Clock } from '../../base/clock.ts'
import { SluiceError } from '../../base/errors/index.ts'
import type { Logger } from '../../base/log.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import { fluxControllersSelector, isAtRest, keepsEngineAway } from '../../kube/flux-controllers.ts'
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

  /** Why this engine does not act, in one sentence; undefined when it may. */
  get reason(): string | undefined {
    const keeping = this.#informer.list().filter(keepsEngineAway)
    const awake = keeping.find(one => !isAtRest(one))
    if (awake !== undefined) return `real Flux acts here (${formatRef(refOf(awake))}): this engine does not`
    const [resting] = keeping
    if (resting === undefined) return undefined
    return (
      `real Flux is at rest here (${formatRef(refOf(resting))} has 0 replicas) and was not handed over: neither it nor this ` +
      'engine acts. Unless `sluice engine switch` is at work, run it again; --to says which of the two shall act'
    )
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

  /**
   * Resolves, when this engine may act, with what is aborted when it no longer may. Rejects with the signal's reason.
   * `onWait` is told why it waits, and each time that the reason is another.
   */
  async opened(signal: AbortSignal, onWait: (why: string) => void): Promise<AbortSignal> {
    let stop = () => {}
    const stopped = new Promise<never>((_, reject) => (stop = () => reject(signal.reason)))
    stopped.catch(() => undefined)
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    try {
      await Promise.race([this.#informer.synced, stopped])
      let said: string | undefined
      for (let why = this.reason; why !== undefined; why = this.reason) {
        if (why !== said) onWait(why)
        said = why
        let off = () => {}
        const changed = new Promise<void>(resolve => (off = this.#informer.subscribe(() => resolve())))
        await Promise.race([changed, stopped]).finally(() => off())
      }
    } finally {
      // A fleet may change its engine many times in the life of this process.
      signal.removeEventListener('abort', stop)
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

import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import { version } from '../../base/version.ts'
import { createKubeClient } from '../../kube/client/kube-client.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import type { CacheEvent } from '../../kube/watch/index.ts'
import { StepFailure } from '../failure.ts'
import { digestOf } from '../live/fingerprint.ts'
import { LiveObjects } from '../live/live-objects.ts'
import { ObjectWatches } from '../live/object-watches.ts'
import { remoteAccess } from './kubeconfig.ts'
import type { Target } from './target.ts'

/** Clusters at once; each costs connections and watches. */
const maxClusters = 200
/** Calls at once to one of them. */
const connections = 16

/** Told of a change of a managed object in a remote cluster. */
export type RemoteListener = (target: Target, event: CacheEvent, key: string) => void

interface Remote extends Target {
  readonly client: KubeClient
  readonly users: Set<string>
}

/**
 * The clusters that kubeconfigs lead to: a client and watches for each, shared by all Kustomizations of one namespace
 * with the same kubeconfig, and ended with the last of them.
 */
export class RemoteClusters {
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #guard: (client: KubeClient) => KubeClient
  readonly #remotes = new Map<string, Remote>()
  readonly #listeners = new Set<RemoteListener>()

  /** `guard` makes writes ask whether this engine leads. */
  constructor(clock: Clock, logger: Logger, guard: (client: KubeClient) => KubeClient) {
    this.#clock = clock
    this.#logger = logger
    this.#guard = guard
  }

  /** How many clusters are connected. */
  get size(): number {
    return this.#remotes.size
  }

  onChange(listener: RemoteListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The cluster of a kubeconfig, for `user` (`namespace/name`) from now on; the one that it had before is let go. */
  acquire(user: string, kubeconfig: string, where: string): Target {
    // Namespaces never share a connection: what one has watched is nothing for another.
    const key = `${user.slice(0, user.indexOf('/'))}/${digestOf(kubeconfig)}`
    this.#releaseBut(user, key)
    let remote = this.#remotes.get(key)
    if (remote === undefined) {
      if (this.#remotes.size >= maxClusters) {
        throw new StepFailure(
          'ReconciliationFailed',
          `failed to build kube client: ${maxClusters} remote clusters are connected already`,
        )
      }
      remote = this.#open(kubeconfig, where)
      this.#remotes.set(key, remote)
    }
    remote.users.add(user)
    return remote
  }

  /** Says that `user` needs no remote cluster any more. */
  release(user: string): void {
    if (this.#remotes.size > 0) this.#releaseBut(user, undefined)
  }

  async close(): Promise<void> {
    const all = [...this.#remotes.values()]
    this.#remotes.clear()
    this.#listeners.clear()
    await Promise.all(all.map(end))
  }

  #open(kubeconfig: string, where: string): Remote {
    const access = remoteAccess(kubeconfig, where)
    const options = { userAgent: `sluice/${version}`, connections, clock: this.#clock, logger: this.#logger }
    const client = this.#guard(createKubeClient(access, options))
    const live = new LiveObjects(client, this.#clock, this.#logger)
    const remote: Remote = { client, live, watches: new ObjectWatches(client, this.#clock), users: new Set() }
    live.onChange((event, key) => {
      for (const listener of [...this.#listeners]) listener(remote, event, key)
    })
    return remote
  }

  #releaseBut(user: string, kept: string | undefined): void {
    for (const [key, remote] of this.#remotes) {
      if (key === kept || !remote.users.delete(user) || remote.users.size > 0) continue
      this.#remotes.delete(key)
      void end(remote).catch(() => undefined)
    }
  }
}

async function end(remote: Remote): Promise<void> {
  remote.live.stop()
  remote.watches.stop()
  await remote.client.close()
}

import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import { leaderLabel } from '../../layout/index.ts'
import { messageOf } from '../failure.ts'

/** The Pod that an engine runs in. */
export interface PodPlace {
  readonly namespace: string
  readonly name: string
}

const podKind = { group: '', version: 'v1', kind: 'Pod' } as const
const againMs = 2000

/**
 * Shows by a label which Pod holds the engine that acts: Services for webhooks and artifacts select it, because the others
 * could only refuse. A leader that was killed cannot take its label off, so the next one does.
 */
export class LeaderPod {
  readonly #client: KubeClient
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #pod: PodPlace

  constructor(client: KubeClient, clock: Clock, logger: Logger, pod: PodPlace) {
    this.#client = client
    this.#clock = clock
    this.#logger = logger
    this.#pod = pod
  }

  /** Takes the label to our Pod; tries until it is done or the signal is aborted. */
  async take(signal: AbortSignal): Promise<void> {
    const { namespace, name } = this.#pod
    while (!signal.aborted) {
      try {
        const labelled = await this.#client.list(podKind, { namespace, labelSelector: `${leaderLabel}=true`, signal })
        for (const { metadata } of labelled.items)
          if (metadata.name !== undefined && metadata.name !== name) await this.#set(metadata.name, null, signal)
        await this.#set(name, 'true', signal)
        return
      } catch (error) {
        if (signal.aborted) return
        this.#logger.warn('the Pod of the leader is not labelled', { pod: name, error: messageOf(error) })
        await this.#clock.sleep(againMs, signal).catch(() => undefined)
      }
    }
  }

  /** Takes the label off our Pod. A failure is no harm: the next leader does it. */
  async giveUp(): Promise<void> {
    await this.#set(this.#pod.name, null).catch(error =>
      this.#logger.debug('the label of the leader stays', { pod: this.#pod.name, error: messageOf(error) }),
    )
  }

  async #set(name: string, value: 'true' | null, signal?: AbortSignal): Promise<void> {
    await this.#client.patch(
      { ...podKind, namespace: this.#pod.namespace, name },
      'merge',
      { metadata: { labels: { [leaderLabel]: value } } },
      { fieldManager: 'sluice', timeoutMs: 3000, ...(signal ? { signal } : {}) },
    )
  }
}

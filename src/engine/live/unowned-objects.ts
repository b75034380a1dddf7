import type { Clock } from '../../base/clock.ts'
import { isObject } from '../../base/json.ts'
import { collectionPath } from '../../kube/client/paths.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import type { ObjectRef } from '../../kube/identity.ts'
import { ownerNameLabel } from '../contract.ts'

/** How long an answer counts: no longer than what lies between a dry run and its write on a busy server. */
const keptMs = 1000
/** A namespace with more unowned objects of a kind than this is not read for it. */
const most = 250
/** How long nobody asks again after an answer that does not help. */
const uselessMs = 60_000
const metadataOnly = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json'

interface Answer {
  /** Names of objects without an owner; undefined when there are too many, or they may not be listed. */
  readonly names: Promise<ReadonlySet<string> | undefined>
  until: number
}

/**
 * Objects that no Kustomization owns: the watches do not show them, because a cluster can hold any number. Where many
 * objects are made at once, one list of names tells about all of a kind and namespace that they do not exist yet.
 */
export class UnownedObjects {
  readonly #client: KubeClient
  readonly #clock: Clock
  readonly #answers = new Map<string, Answer>()

  constructor(client: KubeClient, clock: Clock) {
    this.#client = client
    this.#clock = clock
  }

  /** Whether no unowned object has this kind, namespace and name; false when that is not known. */
  async isAbsent(ref: ObjectRef, signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted()
    const names = await this.#namesFor(ref)
    return names !== undefined && !names.has(ref.name)
  }

  #namesFor(ref: ObjectRef): Answer['names'] {
    const key = `${ref.group}/${ref.kind}/${ref.namespace}`
    const now = this.#clock.monotonic()
    const known = this.#answers.get(key)
    if (known !== undefined && known.until > now) return known.names
    if (this.#answers.size > 1000) this.#answers.clear()
    const names = this.#list(ref).catch(() => undefined)
    // From the moment of asking: what is made after that may be missing in the answer.
    const answer: Answer = { names, until: now + keptMs }
    this.#answers.set(key, answer)
    void names.then(found => {
      if (found === undefined) answer.until = now + uselessMs
    })
    return names
  }

  async #list(ref: ObjectRef): Promise<ReadonlySet<string> | undefined> {
    const resource = await this.#client.resourceFor(ref)
    if (resource === undefined) return undefined
    const list = await this.#client.request<{ items?: unknown; metadata?: { continue?: string } }>({
      path: collectionPath(resource, ref.namespace),
      query: { labelSelector: `!${ownerNameLabel}`, limit: String(most) },
      headers: { accept: metadataOnly },
      timeoutMs: 10_000,
    })
    if (!Array.isArray(list.items) || list.metadata?.continue) return undefined
    const names = new Set<string>()
    for (const item of list.items as unknown[]) {
      const metadata = isObject(item) ? item['metadata'] : undefined
      if (isObject(metadata) && typeof metadata['name'] === 'string') names.add(metadata['name'])
    }
    return names
  }
}

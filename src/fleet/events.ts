import { valueAt } from '../base/json.ts'
import type { KubeClient } from '../kube/client/types.ts'
import type { KubeObject } from '../kube/object.ts'
import { WatchCache } from '../kube/watch/index.ts'
import { reconciledKinds } from './flux-kinds.ts'

/** Which events to show. */
export interface EventsRequest {
  readonly namespace?: string
  /** `kind/name` of the object, the kind in any case. */
  readonly about?: string
  readonly signal: AbortSignal
}

/** Events of Flux objects: those that are there, oldest first, and, on demand, those that come. */
export interface FluxEvents {
  readonly items: readonly KubeObject[]
  follow(listener: (event: KubeObject) => void): void
  stop(): void
}

const kinds = new Set(reconciledKinds.map(({ kind }) => kind))

/** Reads the Kubernetes Events that engines write about Flux objects. */
export async function fluxEvents(client: KubeClient, request: EventsRequest): Promise<FluxEvents> {
  const cache = new WatchCache(client)
  const informer = cache.informer(
    { group: '', version: 'v1', kind: 'Event' },
    request.namespace ? { namespace: request.namespace } : {},
  )
  const stop = () => cache.stop()
  request.signal.addEventListener('abort', stop, { once: true })
  await informer.synced
  const wanted = (event: KubeObject) => matches(event, request.about)
  return {
    items: informer
      .list()
      .filter(wanted)
      .sort((a, b) => (time(a) < time(b) ? -1 : 1)),
    follow: listener => {
      informer.subscribe(change => {
        if (change.type !== 'deleted' && wanted(change.object)) listener(change.object)
      })
    },
    stop,
  }
}

function matches(event: KubeObject, about: string | undefined): boolean {
  const kind = String(valueAt(event, ['involvedObject', 'kind']))
  const name = String(valueAt(event, ['involvedObject', 'name']))
  if (about === undefined) return kinds.has(kind)
  const [wantedKind = '', wantedName] = about.includes('/') ? about.split('/') : [about, undefined]
  return kind.toLowerCase() === wantedKind.toLowerCase() && (wantedName === undefined || name === wantedName)
}

function time(event: KubeObject): string {
  return String(event['lastTimestamp'] ?? event['eventTime'] ?? event.metadata.creationTimestamp ?? '')
}

import { parseApiVersion } from '../../kube/identity.ts'
import type { Alert } from '../../specs/flux/alert.ts'
import { eventGroup, type FluxEvent } from './event.ts'

/** Keys of the involved object's group that are bookkeeping and no news. */
const unused = ['checksum', 'digest']

/** The event without metadata that no alert uses: foreign keys, checksums and digests. */
export function withoutForeignMetadata(event: FluxEvent): FluxEvent {
  const { group } = parseApiVersion(event.involvedObject.apiVersion)
  const excluded = unused.map(key => `${group}/${key}`)
  return withMetadata(event, key => {
    if (excluded.some(name => name === key.toLowerCase())) return false
    return key.startsWith(`${group}/`) || key.startsWith(`${eventGroup}/`)
  })
}

/** The event without what only de-duplication reads. */
export function withoutInternalMetadata(event: FluxEvent): FluxEvent {
  const { group } = parseApiVersion(event.involvedObject.apiVersion)
  return withMetadata(event, key => key !== `${group}/token`)
}

/** An event's metadata as an alert sends it, and the keys that came from more than one place, with these places. */
export interface CombinedMetadata {
  readonly metadata: Readonly<Record<string, string>>
  readonly conflicts: Readonly<Record<string, string>>
}

/**
 * Flux RFC 0008, from the weakest: annotations of the involved object in the event group, `spec.eventMetadata`,
 * `spec.summary`, what the controller says under the involved object's own group.
 */
export function combineMetadata(event: FluxEvent, alert: Alert): CombinedMetadata {
  const { group } = parseApiVersion(event.involvedObject.apiVersion)
  const metadata: Record<string, string> = {}
  const places = new Map<string, string[]>()
  const put = (key: string, value: string, place: string): void => {
    metadata[key] = value
    places.set(key, [...(places.get(key) ?? []), place])
  }
  const take = (prefix: string, place: string): void => {
    for (const [key, value] of Object.entries(event.metadata ?? {})) {
      if (key.startsWith(prefix)) put(key.slice(prefix.length), value, place)
    }
  }
  take(`${eventGroup}/`, 'involved object annotations')
  for (const [key, value] of Object.entries(alert.spec.eventMetadata ?? {})) {
    put(key, value, 'Alert object .spec.eventMetadata')
  }
  if (alert.spec.summary) put('summary', alert.spec.summary, 'Alert object .spec.summary')
  take(`${group}/`, 'involved object controller metadata')
  const conflicts = [...places].filter(([, from]) => from.length > 1).map(([key, from]) => [key, from.join(', ')])
  return { metadata, conflicts: Object.fromEntries(conflicts) as Record<string, string> }
}

/** Whether an event only updates a commit status: news for Git hosts, and for nobody else. */
export function isCommitStatusUpdate(event: FluxEvent): boolean {
  const { group } = parseApiVersion(event.involvedObject.apiVersion)
  return event.metadata?.[`${group}/commit_status`] === 'update'
}

/** Whether an event names the commit that it is about. */
export function hasCommit(event: FluxEvent): boolean {
  return Boolean(event.metadata?.[`${eventGroup}/commit`])
}

/** Whether an event names the pull or merge request that it is about. */
export function hasChangeRequest(event: FluxEvent): boolean {
  return Boolean(event.metadata?.[`${eventGroup}/change_request`])
}

function withMetadata(event: FluxEvent, keep: (key: string) => boolean): FluxEvent {
  const { metadata, ...rest } = event
  const kept = Object.entries(metadata ?? {}).filter(([key]) => keep(key))
  return kept.length === 0 ? rest : { ...rest, metadata: Object.fromEntries(kept) }
}

import { parseApiVersion } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import { controllerOf } from '../events/controllers.ts'
import type { EngineEvent } from '../events.ts'
import { clip } from '../status/conditions.ts'

/** API group of Flux's event metadata (fluxcd/pkg apis/event). */
export const eventGroup = 'event.toolkit.fluxcd.io'

/** Longest message of an event, in characters (the API's own limit). */
export const longestMessage = 39_000

/** An event as Flux's controllers post it to notification-controller. */
export interface FluxEvent {
  readonly involvedObject: InvolvedObject
  readonly severity: 'trace' | 'info' | 'error'
  /** RFC 3339. */
  readonly timestamp: string
  readonly message: string
  readonly reason: string
  readonly metadata?: Readonly<Record<string, string>>
  readonly reportingController: string
  readonly reportingInstance?: string
}

/** The object that an event is about. */
export interface InvolvedObject {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly uid?: string
  readonly resourceVersion?: string
}

/** An engine's event in Flux's form. The last event of a reconcile is for commit statuses only, as in Flux. */
export function fluxEventOf(event: EngineEvent, about: KubeObject, instance: string): FluxEvent {
  const { metadata } = about
  const { group } = parseApiVersion(about.apiVersion)
  const details: Record<string, string> = {}
  for (const [key, value] of Object.entries(metadata.annotations ?? {})) {
    if (key.startsWith(`${eventGroup}/`)) details[key] = value
  }
  if (event.revision !== undefined) details[`${group}/revision`] = event.revision
  for (const [key, value] of Object.entries(event.metadata ?? {})) details[`${group}/${key}`] = value
  if (event.reason === 'ReconciliationSucceeded' && /^Reconciliation finished/.test(event.message)) {
    details[`${group}/commit_status`] = 'update'
  }
  return {
    involvedObject: {
      apiVersion: about.apiVersion,
      kind: about.kind,
      namespace: metadata.namespace ?? '',
      name: metadata.name ?? '',
      ...(metadata.uid === undefined ? {} : { uid: metadata.uid }),
      ...(metadata.resourceVersion === undefined ? {} : { resourceVersion: metadata.resourceVersion }),
    },
    severity: event.severity,
    timestamp: `${event.time.toISOString().slice(0, 19)}Z`,
    message: clip(event.message, longestMessage),
    reason: event.reason,
    ...(Object.keys(details).length === 0 ? {} : { metadata: details }),
    reportingController: controllerOf(about.apiVersion),
    reportingInstance: instance,
  }
}

/** `Kind/namespace/name` of the object, as Flux names it in messages. */
export function involvedText({ kind, namespace, name }: InvolvedObject): string {
  return `${kind}/${namespace}/${name}`
}

/** Where a commit status or a comment belongs: the commit that the event is about. Flux's order of keys. */
export function revisionOf(event: FluxEvent): string | undefined {
  return event.metadata?.['commit'] ?? event.metadata?.['originRevision'] ?? event.metadata?.['revision']
}

import type { KubeObject } from '../../../kube/object.ts'

/** Fields of `v1 Event` and what `events.k8s.io/v1` calls them (apimachinery conversion of the events API). */
const names = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['reportingComponent', 'reportingController'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
] as const

/** An event in the other one of its two groups. */
export function convertEvent(object: KubeObject, apiVersion: string): KubeObject {
  const toCore = apiVersion === 'v1'
  const renamed = new Map<string, string>(names.map(([core, events]) => (toCore ? [events, core] : [core, events])))
  const result: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(object)) result[renamed.get(key) ?? key] = value
  return { ...result, apiVersion } as KubeObject
}

import type { Fleet, FleetCluster, FleetGroup, GuardrailView, SizeView } from '../../../../src/server/contract/fleet.ts'
import type { State } from '../../ui/state.tsx'

/** `3`, or `1–5` for bounds of the autoscaler. */
export function sizeWords(size: SizeView | undefined): string {
  if (size === undefined) return '–'
  return typeof size === 'number' ? String(size) : `${size.min}–${size.max}`
}

/** What the cluster's spec asks for. */
export const specSize = (group: FleetGroup): SizeView | undefined => group.autoscaling ?? group.wanted

export const isControlPlane = (group: { readonly name: string }): boolean => group.name === 'control-plane'

/** The commit of a revision of Flux: `main@sha1:…`. */
export function commitOf(revision: string | undefined): string | undefined {
  return revision === undefined ? undefined : /(?::|^)([0-9a-f]{40})$/.exec(revision)?.[1]
}

export interface Health {
  readonly state: State
  readonly words: string
  /** The longer reason, where there is one. */
  readonly cause?: string
}

/** Whether a group is what Git says: the difference by words. */
export function groupHealth(group: FleetGroup, cluster: FleetCluster, git: Fleet['git']): Health {
  if (cluster.paused) return { state: 'paused', words: 'Paused' }
  if (group.unseen)
    return { state: 'paused', words: 'Not seen yet', cause: cluster.message ?? 'AWS was not asked yet.' }
  if (group.drift !== undefined && git.state === 'ready') {
    if (group.git === undefined) return { state: 'attention', words: 'Not in Git', cause: group.drift }
    const behind = git.tip !== undefined && commitOf(cluster.revision) !== git.tip
    if (behind) return { state: 'moving', words: 'Git is ahead', cause: 'The latest commit is not applied yet.' }
    return { state: 'attention', words: 'Drifted', cause: group.drift }
  }
  const wanted = group.wanted ?? group.current
  if (group.current > wanted) return { state: 'moving', words: `${group.current - wanted} to go` }
  if (group.ready < wanted) {
    const words = `${group.ready} of ${wanted} Ready`
    return { state: 'moving', words, ...(cluster.message === undefined ? {} : { cause: cluster.message }) }
  }
  return { state: 'agreed', words: 'Ready' }
}

export function clusterHealth(cluster: FleetCluster, git: Fleet['git']): Health {
  const cause = cluster.message === undefined ? {} : { cause: cluster.message }
  if (cluster.paused) return { state: 'paused', words: 'Paused', ...cause }
  if (cluster.health === 'Failed') return { state: 'broken', words: 'Failed', ...cause }
  if (cluster.health === 'Unknown') return { state: 'attention', words: 'Unknown', ...cause }
  const groups = cluster.groups.map(group => groupHealth(group, cluster, git))
  const drifted = groups.filter(one => one.state === 'attention').length
  if (drifted > 0) return { state: 'attention', words: `${drifted} ${drifted === 1 ? 'group' : 'groups'} drifted` }
  if (cluster.health === 'Moving' || groups.some(one => one.state === 'moving'))
    return { state: 'moving', words: 'Moving', ...cause }
  return { state: 'agreed', words: 'Ready' }
}

/** The path of a cluster's page. */
export const clusterHref = ({ namespace, name }: { readonly namespace: string; readonly name: string }): string =>
  `/fleet/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`

/** The path of a cluster in the API. */
export const clusterApi = ({ namespace, name }: { readonly namespace: string; readonly name: string }): string =>
  `/fleet/clusters/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`

/** Where the gate is asked about clusters: the fleet is a project, each cluster an environment of it. */
export const fleetPlace = (cluster = '*') => ({ project: 'fleet', environment: cluster })

/** The freeze that a group is in; undefined outside of any. */
export const freezeOf = ({ guardrails = [] }: Pick<FleetGroup, 'guardrails'>): GuardrailView | undefined =>
  guardrails.find(one => one.broken !== undefined)

import type { KubeObject } from '../../kube/object.ts'
import { clamp, type MachineGroup } from './groups.ts'
import { isReady, isUpToDate } from './node.ts'

/** The next step of one group. */
export interface GroupPlan {
  /** How many machines to make. */
  readonly create: number
  /** Which machines to take away. */
  readonly remove: readonly KubeObject[]
}

/** What is known of the size of an autoscaled group from the looks before. */
export interface KnownSize {
  readonly wanted: number
  /** Whether there have been that many machines; until then they are still being made. */
  readonly reached: boolean
}

/**
 * How many machines a group should have. A fixed group has what its spec says. In an autoscaled group the number that is
 * there stays while it is within bounds, because it is the autoscaler's choice; not while the first machines are being
 * made, and not while machines are replaced, when there is one more than that.
 */
export function sizeOf(group: MachineGroup, nodes: readonly KubeObject[], before: KnownSize | undefined): KnownSize {
  if (!group.autoscaled) return { wanted: group.start, reached: nodes.length === group.start }
  const replacing = nodes.some(node => !isUpToDate(node, group))
  const first = before ?? { wanted: nodes.length === 0 ? group.start : nodes.length, reached: nodes.length > 0 }
  const size = first.reached && !replacing ? nodes.length : first.wanted
  const wanted = clamp(size, group.least, group.most)
  return { wanted, reached: wanted === first.wanted ? first.reached || nodes.length >= wanted : nodes.length >= wanted }
}

/**
 * The step from the machines that are there to `wanted` machines of the group's template. Machines of an older template
 * are replaced one at a time, a new one first (Cluster API's maxSurge 1 and maxUnavailable 0): a Ready machine goes only
 * while enough others are Ready.
 */
export function planGroup(group: MachineGroup, nodes: readonly KubeObject[], wanted: number): GroupPlan {
  const outdated = nodes.filter(node => !isUpToDate(node, group))
  if (nodes.length < wanted) return { create: wanted - nodes.length, remove: [] }
  if (nodes.length === wanted) return { create: outdated.length > 0 && wanted > 0 ? 1 : 0, remove: [] }
  const remove: KubeObject[] = []
  let ready = nodes.filter(isReady).length
  let fresh = nodes.length - outdated.length
  for (const node of inOrderOfRemoval(group, nodes)) {
    if (remove.length === nodes.length - wanted) break
    const upToDate = isUpToDate(node, group)
    // The new machine of a replacement stays, although it is not Ready yet.
    if (upToDate && fresh <= wanted) continue
    if (isReady(node) && outdated.length > 0 && ready <= wanted) continue
    if (isReady(node)) ready--
    if (upToDate) fresh--
    remove.push(node)
  }
  return { create: 0, remove }
}

/** Which machines go first: those of an older template, then those that are not Ready, then the youngest. */
function inOrderOfRemoval(group: MachineGroup, nodes: readonly KubeObject[]): KubeObject[] {
  const rank = (node: KubeObject): number => (isUpToDate(node, group) ? 2 : 0) + (isReady(node) ? 1 : 0)
  const age = (node: KubeObject): string => node.metadata.creationTimestamp ?? ''
  const name = (node: KubeObject): string => node.metadata.name ?? ''
  return [...nodes].sort((a, b) => rank(a) - rank(b) || age(b).localeCompare(age(a)) || name(a).localeCompare(name(b)))
}

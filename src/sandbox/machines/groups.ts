import type { Cluster } from '../../specs/index.ts'

/** A group of machines that a cluster wants. */
export interface MachineGroup {
  /** `control-plane`, or the name of a worker node group. */
  readonly name: string
  readonly controlPlane: boolean
  /** How many machines there may be: the same number twice, or the bounds of the autoscaler. */
  readonly least: number
  readonly most: number
  /** How many a new group starts with. */
  readonly start: number
  readonly autoscaled: boolean
  readonly labels: Readonly<Record<string, string>>
  readonly taints: readonly { readonly key: string; readonly effect: string; readonly value?: string }[]
  readonly kubernetesVersion: string
}

/** Name of the control plane's group. */
export const controlPlaneName = 'control-plane'

/** The groups that a cluster's spec asks for, control plane first. */
export function machineGroups({ spec }: Cluster): MachineGroup[] {
  const version = String(spec.kubernetesVersion ?? '')
  const control = spec.controlPlaneConfiguration
  const fixed = (count: number) => ({ least: count, most: count, start: count, autoscaled: false })
  const groups: MachineGroup[] = [
    {
      name: controlPlaneName,
      controlPlane: true,
      ...fixed(control?.count ?? 1),
      labels: control?.labels ?? {},
      taints: taintsOf(control?.taints) ?? [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }],
      kubernetesVersion: version,
    },
  ]
  for (const [i, worker] of (spec.workerNodeGroupConfigurations ?? []).entries()) {
    const bounds = worker.autoscalingConfiguration
    const least = bounds?.minCount ?? 0
    const most = Math.max(least, bounds?.maxCount ?? least)
    groups.push({
      name: worker.name ?? `md-${i}`,
      controlPlane: false,
      ...(bounds
        ? { least, most, start: clamp(worker.count ?? least, least, most), autoscaled: true }
        : fixed(worker.count ?? 1)),
      labels: worker.labels ?? {},
      taints: taintsOf(worker.taints) ?? [],
      kubernetesVersion: String(worker.kubernetesVersion ?? version),
    })
  }
  return groups
}

/** How many machines a group should have, given how many it has: the autoscaler's choice stays while it is within bounds. */
export function wantedCount(group: MachineGroup, current: number): number {
  if (!group.autoscaled) return group.start
  return current === 0 ? group.start : clamp(current, group.least, group.most)
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value))
}

type SpecTaints = readonly { readonly key: string; readonly effect: string; readonly value?: string }[]

function taintsOf(
  taints: readonly { key?: string; effect?: string; value?: string }[] | undefined,
): SpecTaints | undefined {
  return taints?.map(({ key = '', effect = 'NoSchedule', value }) => ({
    key,
    effect,
    ...(value === undefined ? {} : { value }),
  }))
}

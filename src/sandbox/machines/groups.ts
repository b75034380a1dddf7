import { createHash } from 'node:crypto'
import type { KubeObject } from '../../kube/object.ts'
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
  readonly taints: readonly SpecTaint[]
  readonly kubernetesVersion: string
  /** What each machine has, as Kubernetes quantities. */
  readonly capacity: Readonly<Record<'cpu' | 'memory', string>>
  /** Digest of what a machine is made from: machines of another template are replaced one after the other. */
  readonly template: string
}

interface SpecTaint {
  readonly key: string
  readonly effect: string
  readonly value?: string
}

/** Name of the control plane's group. */
export const controlPlaneName = 'control-plane'

/** The machine config that a group refers to; undefined for Docker, which has none. */
export type FindMachine = (ref: { kind?: string; name?: string } | undefined) => KubeObject | undefined

/** The groups that a cluster's spec asks for, control plane first. */
export function machineGroups({ spec }: Cluster, findMachine: FindMachine = () => undefined): MachineGroup[] {
  const version = spec.kubernetesVersion ?? ''
  const control = spec.controlPlaneConfiguration
  const workers = spec.workerNodeGroupConfigurations ?? []
  const fixed = (count: number) => ({ least: count, most: count, start: count, autoscaled: false })
  // As kubeadm does it: without workers the control plane has to run everything.
  const ownTaints = workers.length === 0 ? [] : [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }]
  const groups = [
    withTemplate(
      {
        name: controlPlaneName,
        controlPlane: true,
        ...fixed(control?.count ?? 1),
        labels: control?.labels ?? {},
        taints: taintsOf(control?.taints) ?? ownTaints,
        kubernetesVersion: version,
      },
      findMachine(control?.machineGroupRef),
    ),
  ]
  for (const [i, worker] of workers.entries()) {
    const bounds = worker.autoscalingConfiguration
    const least = bounds?.minCount ?? 0
    const most = Math.max(least, bounds?.maxCount ?? least)
    groups.push(
      withTemplate(
        {
          name: worker.name || `md-${i}`,
          controlPlane: false,
          ...(bounds
            ? { least, most, start: clamp(worker.count ?? least, least, most), autoscaled: true }
            : fixed(worker.count ?? 1)),
          labels: worker.labels ?? {},
          taints: taintsOf(worker.taints) ?? [],
          kubernetesVersion: worker.kubernetesVersion ?? version,
        },
        findMachine(worker.machineGroupRef),
      ),
    )
  }
  return groups
}

/** A number within bounds. */
export function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value))
}

function withTemplate(
  group: Omit<MachineGroup, 'capacity' | 'template'>,
  machine: KubeObject | undefined,
): MachineGroup {
  const { labels, taints, kubernetesVersion } = group
  const made = [kubernetesVersion, labels, taints, machine?.kind, machine?.metadata.name, machine?.['spec']]
  const template = createHash('sha256').update(JSON.stringify(made)).digest('hex').slice(0, 10)
  return { ...group, capacity: capacityOf(machine), template }
}

/** What a machine config gives its machines, for the providers that say it in the config. */
function capacityOf(machine: KubeObject | undefined): MachineGroup['capacity'] {
  const spec = (machine?.['spec'] ?? {}) as Record<string, unknown>
  const number = (name: string): number | undefined => (typeof spec[name] === 'number' ? spec[name] : undefined)
  const sockets = number('vcpuSockets')
  const cpu = number('numCPUs') ?? (sockets === undefined ? undefined : sockets * (number('vcpusPerSocket') ?? 1))
  const memory = number('memoryMiB')
  const size = spec['memorySize']
  return {
    cpu: String(cpu ?? 4),
    memory: memory === undefined ? (typeof size === 'string' ? size : '16Gi') : `${memory}Mi`,
  }
}

function taintsOf(
  taints: readonly { key?: string; effect?: string; value?: string }[] | undefined,
): readonly SpecTaint[] | undefined {
  return taints?.map(({ key = '', effect = 'NoSchedule', value }) => ({
    key,
    effect,
    ...(value === undefined ? {} : { value }),
  }))
}

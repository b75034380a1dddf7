import type { FieldError } from '../../kube/field-error.ts'
import { duplicate, invalid, required } from '../../kube/field-errors.ts'
import type { Rule } from '../kind.ts'
import type { ClusterConfig } from './cluster-config-schema.ts'
import { type GroupKind, sizeOf } from './group-sizes.ts'

/** The rules over several fields of a ClusterConfig, with eksctl's words where it has some. */
export const clusterConfigRules: readonly Rule<ClusterConfig>[] = [
  {
    name: 'required-identity',
    says: '`metadata.name` and `metadata.region` are not empty.',
    *check({ metadata }) {
      if (metadata.name === '') yield required('metadata.name', 'metadata.name must be set')
      if (metadata.region === '') yield required('metadata.region', 'metadata.region must be set')
    },
  },
  {
    name: 'group-names',
    says: 'Every node group has a name, and no two groups of the file have the same.',
    *check(config) {
      const seen = new Set<string>()
      for (const { group, path } of groupsOf(config)) {
        if (group.name === '') yield required(`${path}.name`, `${path}.name must be set`)
        else if (group.name !== undefined && seen.has(group.name)) yield duplicate(`${path}.name`, group.name)
        seen.add(group.name)
      }
    },
  },
  {
    name: 'group-bounds',
    says: 'Sizes are not negative, and `minSize` ≤ `desiredCapacity` ≤ `maxSize` among those given; a managed group may grow to one node at least.',
    *check(config) {
      for (const { group, path, kind } of groupsOf(config)) yield* checkBounds(group, path, kind)
    },
  },
  {
    name: 'update-config',
    says: '`updateConfig` has exactly one of `maxUnavailable` and `maxUnavailablePercentage`, and `maxUnavailable` ≤ `maxSize`.',
    *check(config) {
      for (const [i, group] of (config.managedNodeGroups ?? []).entries()) {
        const update = group.updateConfig
        if (!update) continue
        const path = `managedNodeGroups[${i}].updateConfig`
        const count = update.maxUnavailable ?? undefined
        const percentage = update.maxUnavailablePercentage ?? undefined
        if (count === undefined && percentage === undefined) {
          yield required(path, 'invalid UpdateConfig: maxUnavailable or maxUnavailablePercentage must be defined')
        } else if (count !== undefined && percentage !== undefined) {
          yield invalid(path, update, 'cannot use maxUnavailable and maxUnavailablePercentage at the same time')
        } else if (count !== undefined && count > sizeOf(group, 'managed').max) {
          const detail = 'maxUnavailable cannot be greater than maxSize'
          yield invalid(`${path}.maxUnavailable`, count, detail)
        }
      }
    },
  },
  {
    name: 'gitops-complete',
    says: '`gitops.flux` has a `gitProvider` and at least one flag.',
    *check({ gitops }) {
      const flux = gitops?.flux
      if (!flux) return
      if (!flux.gitProvider) yield required('gitops.flux.gitProvider', 'gitops.flux.gitProvider must be set')
      if (Object.keys(flux.flags ?? {}).length === 0) {
        yield required('gitops.flux.flags', 'gitops.flux.flags must be set')
      }
    },
  },
]

function* groupsOf(config: ClusterConfig) {
  for (const [i, group] of (config.managedNodeGroups ?? []).entries())
    yield { group, path: `managedNodeGroups[${i}]`, kind: 'managed' as const }
  for (const [i, group] of (config.nodeGroups ?? []).entries())
    yield { group, path: `nodeGroups[${i}]`, kind: 'self-managed' as const }
}

type Group = ReturnType<typeof groupsOf> extends Generator<infer T> ? (T extends { group: infer G } ? G : never) : never

function* checkBounds(group: Group, path: string, kind: GroupKind): Iterable<FieldError> {
  for (const name of ['minSize', 'maxSize', 'desiredCapacity'] as const) {
    const value = group[name]
    if (typeof value === 'number' && value < 0) yield invalid(`${path}.${name}`, value, 'must be 0 or greater')
  }
  const { min, max } = sizeOf(group, kind)
  const desired = group.desiredCapacity ?? undefined
  const managed = kind === 'managed'
  if (desired !== undefined && (group.minSize ?? undefined) !== undefined && desired < min) {
    yield invalid(
      `${path}.desiredCapacity`,
      desired,
      managed
        ? `cannot use --nodes-min=${min} and --nodes=${desired} at the same time`
        : `--nodes value (${desired}) cannot be lower than --nodes-min value (${min})`,
    )
  } else if (desired !== undefined && (group.maxSize ?? undefined) !== undefined && desired > max) {
    yield invalid(
      `${path}.desiredCapacity`,
      desired,
      managed
        ? `cannot use --nodes-max=${max} and --nodes=${desired} at the same time`
        : `--nodes value (${desired}) cannot be greater than --nodes-max value (${max})`,
    )
  } else if (max < min) {
    yield invalid(
      `${path}.maxSize`,
      max,
      managed
        ? `cannot use --nodes-min=${min} and --nodes-max=${max} at the same time`
        : `--nodes-min value (${min}) cannot be greater than --nodes-max value (${max})`,
    )
  } else if (managed && max < 1) yield invalid(`${path}.maxSize`, max, 'EKS wants a maxSize of 1 or greater')
}

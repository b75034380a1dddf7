import { conditionOf } from '../../kube/condition.ts'
import type { HelmRelease } from '../../specs/flux/helm-release.ts'
import { dependencyCycle } from '../dependency-cycle.ts'
import { celValue, compileExpression } from '../health/expressions.ts'

export interface Dependency {
  readonly namespace: string
  readonly name: string
  readonly readyExpr: string | undefined
}

export function dependenciesOf(object: HelmRelease): Dependency[] {
  return (object.spec.dependsOn ?? []).map(({ namespace, name, readyExpr }) => ({
    namespace: namespace || (object.metadata.namespace ?? ''),
    name,
    readyExpr: readyExpr || undefined,
  }))
}

type Find = (namespace: string, name: string) => HelmRelease | undefined

/** Why a release has to wait for another one, in Flux's words; a cycle is named, because nobody would ever end it. */
export function unreadyDependency(object: HelmRelease, find: Find): string | undefined {
  const cycle = dependencyCycle(object, dependenciesOf, find)
  if (cycle !== undefined) return `dependency cycle: ${cycle.join(' -> ')}; remove one dependsOn of this chain`
  for (const { namespace, name, readyExpr } of dependenciesOf(object)) {
    const id = `${namespace}/${name}`
    const dependency = find(namespace, name)
    if (dependency === undefined) {
      return `unable to get '${id}' dependency: helmreleases.helm.toolkit.fluxcd.io "${name}" not found`
    }
    if (readyExpr !== undefined) {
      if (!holds(readyExpr, object, dependency)) return `dependency '${id}' is not ready according to readyExpr eval`
      continue
    }
    const observed = dependency.status?.observedGeneration === dependency.metadata.generation
    if (!observed || conditionOf(dependency, 'Ready')?.status !== 'True') return `dependency '${id}' is not ready`
  }
  return undefined
}

function holds(expression: string, self: HelmRelease, dependency: HelmRelease): boolean {
  const compiled = compileExpression(expression, 'spec.dependsOn.readyExpr')
  try {
    return compiled({ self: celValue(self), dep: celValue(dependency) }) === true
  } catch {
    return false
  }
}

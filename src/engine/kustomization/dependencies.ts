import type { Kustomization } from '../../specs/flux/kustomization.ts'
import { dependencyCycle } from '../dependency-cycle.ts'
import { conditionOf, type SourceRef, sourceRefKey, sourceRefOf } from './facts.ts'

/** Reads a Kustomization as it is now. */
export type FindKustomization = (namespace: string, name: string) => Kustomization | undefined

/** Why a Kustomization has to wait. */
export interface Unready {
  readonly message: string
  /** A chain that comes back to its beginning: waiting cannot help. */
  readonly cycle: boolean
}

export interface DependencyRef {
  readonly namespace: string
  readonly name: string
  readonly readyExpr: string | undefined
}

/** What a Kustomization depends on. */
export function dependenciesOf(object: Kustomization): DependencyRef[] {
  return (object.spec.dependsOn ?? []).map(({ name, namespace, readyExpr }) => ({
    name,
    namespace: namespace || (object.metadata.namespace ?? ''),
    readyExpr: readyExpr || undefined,
  }))
}

/** Decides a `readyExpr`; throws when it cannot be evaluated. */
export type EvaluateReady = (expression: string, self: Kustomization, dependency: Kustomization) => boolean

/**
 * Why the dependencies of a Kustomization are not met, or undefined when they are. A dependency is met when it is Ready
 * for its current generation and, if both share one source, when it has applied the revision that is about to be applied:
 * so one commit goes through a chain in order (Flux's rule).
 */
export function unreadyDependency(
  object: Kustomization,
  revision: string,
  find: FindKustomization,
  evaluate: EvaluateReady,
): Unready | undefined {
  const cycle = dependencyCycle(object, dependenciesOf, find)
  if (cycle !== undefined) {
    return { cycle: true, message: `dependency cycle: ${cycle.join(' -> ')}; remove one dependsOn of this chain` }
  }
  for (const { namespace, name, readyExpr } of dependenciesOf(object)) {
    const id = `dependency '${namespace}/${name}'`
    const wait = (message: string): Unready => ({ cycle: false, message: `${id} ${message}` })
    const dependency = find(namespace, name)
    if (dependency === undefined) {
      return wait(`not found: kustomizations.kustomize.toolkit.fluxcd.io "${name}" not found`)
    }
    if (readyExpr !== undefined) {
      if (!evaluate(readyExpr, object, dependency)) return wait('is not ready according to readyExpr eval')
    } else {
      const ready = conditionOf(dependency, 'Ready')
      const observed = dependency.status?.observedGeneration === dependency.metadata.generation
      if (!observed || ready?.status !== 'True') return wait('is not ready')
    }
    if (sharesSource(object, dependency) && dependency.status?.lastAppliedRevision !== revision) {
      return wait('revision is not up to date')
    }
  }
  return undefined
}

function sharesSource(a: Kustomization, b: Kustomization): boolean {
  const key = (source: SourceRef) => sourceRefKey(source)
  return key(sourceRefOf(a)) === key(sourceRefOf(b))
}

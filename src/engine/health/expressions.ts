import { gvkOf, parseApiVersion } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { Kustomization } from '../../specs/flux/kustomization.ts'
import { celEnvironment } from '../cel-environment.ts'
import { messageOf, StepFailure } from '../failure.ts'

type Expression = (variables: Record<string, unknown>) => unknown

/** Compiles a CEL expression of a spec; one that does not compile stalls the object (Flux: InvalidCELExpression). */
export function compileExpression(text: string, field: string): Expression {
  try {
    return celEnvironment().parse(text)
  } catch (error) {
    throw new StepFailure(
      'InvalidCELExpression',
      `Reconciliation failed terminally due to configuration error: ${field}: failed to parse the CEL expression ${JSON.stringify(text)}: ${messageOf(error)}`,
      { stalled: true },
    )
  }
}

/** CEL tells integers from floats; JSON does not. */
export function celValue(value: unknown): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value
  if (Array.isArray(value)) return value.map(celValue)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, celValue(item)]))
}

/** How objects of one group and kind are judged. */
export interface HealthRule {
  readonly current: Expression
  readonly inProgress: Expression | undefined
  readonly failed: Expression | undefined
}

/** The rules of a Kustomization by group and kind; a kind of '' stands for the whole group. */
export class HealthRules {
  readonly #rules = new Map<string, HealthRule>()

  /** Compiles `spec.healthCheckExprs`. Two rules for one kind are a configuration error. */
  constructor(expressions: Kustomization['spec']['healthCheckExprs']) {
    for (const { apiVersion, kind, current, inProgress, failed } of expressions ?? []) {
      const { group } = parseApiVersion(apiVersion)
      const key = `${group}/${kind ?? ''}`
      const field = `spec.healthCheckExprs[${key}]`
      if (this.#rules.has(key)) {
        throw new StepFailure(
          'InvalidCELExpression',
          `Reconciliation failed terminally due to configuration error: ${field}: there are two entries for one kind`,
          { stalled: true },
        )
      }
      this.#rules.set(key, {
        current: compileExpression(current, `${field}.current`),
        inProgress: inProgress ? compileExpression(inProgress, `${field}.inProgress`) : undefined,
        failed: failed ? compileExpression(failed, `${field}.failed`) : undefined,
      })
    }
  }

  /** The health of an object by its rule; undefined when there is none for its kind. */
  judge(object: KubeObject): { status: 'Current' | 'InProgress' | 'Failed'; message: string } | undefined {
    const { group, kind } = gvkOf(object)
    const rule = this.#rules.get(`${group}/${kind}`) ?? this.#rules.get(`${group}/`)
    if (rule === undefined) return undefined
    const observed = (object['status'] as { observedGeneration?: unknown } | undefined)?.observedGeneration
    if (typeof observed === 'number' && observed !== object.metadata.generation) {
      return { status: 'InProgress', message: 'the latest generation is not observed yet' }
    }
    const variables = celValue(object) as Record<string, unknown>
    const holds = (expression: Expression | undefined) => {
      try {
        return expression?.(variables) === true
      } catch {
        // A field that is not there yet: not (yet) true.
        return false
      }
    }
    if (holds(rule.inProgress)) return { status: 'InProgress', message: 'the inProgress expression holds' }
    if (holds(rule.failed)) return { status: 'Failed', message: 'the failed expression holds' }
    if (holds(rule.current)) return { status: 'Current', message: 'the current expression holds' }
    return { status: 'InProgress', message: 'the current expression does not hold' }
  }
}

/** Decides a `dependsOn[].readyExpr` over `self` and `dep`. */
export function evaluateReady(expression: string, self: Kustomization, dependency: Kustomization): boolean {
  const compiled = compileExpression(expression, 'spec.dependsOn.readyExpr')
  try {
    return compiled({ self: celValue(self), dep: celValue(dependency) }) === true
  } catch {
    return false
  }
}

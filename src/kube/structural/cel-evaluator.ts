import { type ASTNode, Environment, type ParseResult } from '@marcbachmann/cel-js'
import type { Schema } from '../schema/types.ts'
import { evaluationText, problemText } from './cel-errors.ts'
import { goMatches, registerLibraries } from './cel-libraries.ts'
import { type CelTypes, celTypesOf, largestCollection } from './cel-types.ts'

/** What a rule can see. */
export interface CelScope {
  /** The schema of `self` and `oldSelf`. */
  readonly schema: Schema
  /** Whether the value is a resource: it then has apiVersion, kind and metadata.name beside its own fields. */
  readonly resourceRoot: boolean
  /** Whether `oldSelf` is an optional (`optionalOldSelf: true`). */
  readonly optionalOldSelf: boolean
}

/** A compiled expression. */
export interface CelProgram {
  /** The type that the expression evaluates to: `bool`, `string`, `dyn`, … */
  readonly type: string
  /** Whether it reads `oldSelf`. */
  readonly usesOldSelf: boolean
  /** Evaluates; never throws. `old` is undefined where there is no value to compare with. */
  evaluate(self: unknown, old: unknown): CelOutcome
}

/** A value, or why there is none, in cel-go's words as far as they are known. */
export type CelOutcome =
  | { readonly value: unknown }
  | { readonly error: string }
  /** Evaluating could cost more than is allowed. */
  | { readonly tooExpensive: true }

/** Where CEL comes from: the one seam between the rules of Kubernetes and the expression language. */
export interface CelEvaluator {
  /** Compiles an expression, or says why it does not compile. */
  compile(expression: string, scope: CelScope): CelProgram | { readonly problem: string }
}

/** How many steps one expression may take at most: an upper bound is computed before it is evaluated. */
export const budget = 20_000_000

/** The evaluator in use: CEL with Kubernetes' function libraries. Environments are kept as long as their schemas are. */
export function createCelEvaluator(): CelEvaluator {
  const environments = new WeakMap<Schema, Map<string, { env: Environment; types: CelTypes }>>()
  const base = registerLibraries(
    new Environment({
      enableOptionalTypes: true,
      homogeneousAggregateLiterals: false,
      limits: { maxAstNodes: 20_000, maxDepth: 100 },
    }),
  )
  const environmentOf = (scope: CelScope): { env: Environment; types: CelTypes } => {
    const key = `${scope.resourceRoot}/${scope.optionalOldSelf}`
    let byScope = environments.get(scope.schema)
    if (byScope === undefined) environments.set(scope.schema, (byScope = new Map()))
    let made = byScope.get(key)
    if (made === undefined) {
      const env = base.clone()
      const types = celTypesOf(scope.schema, scope.resourceRoot, env)
      env.registerVariable('self', types.type)
      env.registerVariable('oldSelf', scope.optionalOldSelf ? `optional<${types.type}>` : types.type)
      made = { env, types }
      byScope.set(key, made)
    }
    return made
  }
  return {
    compile(expression, scope) {
      try {
        const { env, types } = environmentOf(scope)
        const parsed = env.parse(expression)
        useGoPatterns(parsed.ast)
        const checked = parsed.check()
        if (!checked.valid) return { problem: problemText(checked.error, expression) }
        return program(parsed, checked.type ?? 'dyn', types, scope.optionalOldSelf)
      } catch (error) {
        return { problem: problemText(error, expression) }
      }
    },
  }
}

function program(parsed: ParseResult, type: string, types: CelTypes, optional: boolean): CelProgram {
  const shape = shapeOf(parsed.ast)
  return {
    type,
    usesOldSelf: shape.names.has('oldSelf'),
    evaluate(self, old) {
      const size = Math.max(largestCollection(self), largestCollection(old), 1)
      if (shape.nodes * size ** shape.loops > budget) return { tooExpensive: true }
      try {
        const context: Record<string, unknown> = { self: types.convert(self) }
        if (optional) context['oldSelf'] = types.optional(old)
        else if (old !== undefined) context['oldSelf'] = types.convert(old)
        return { value: parsed(context) }
      } catch (error) {
        return { error: evaluationText(error) }
      }
    },
  }
}

/**
 * Lets `matches` take Go's patterns: calls of the language's own method, which knows JavaScript's only and cannot be
 * replaced, become calls of ours.
 */
export function useGoPatterns(node: unknown): void {
  if (Array.isArray(node)) {
    for (const part of node) useGoPatterns(part)
    return
  }
  if (typeof node !== 'object' || node === null || !('op' in node)) return
  const { op, args } = node as { op: string; args: unknown }
  if (op === 'rcall' && Array.isArray(args) && args[0] === 'matches') args[0] = goMatches
  useGoPatterns(args)
}

const loops: ReadonlySet<string> = new Set([
  'all',
  'exists',
  'exists_one',
  'existsOne',
  'map',
  'filter',
  'sum',
  'min',
  'max',
  'indexOf',
  'lastIndexOf',
  'isSorted',
])

/** How big an expression is, how deep its comprehensions are nested, and which names it reads. */
export function shapeOf(node: unknown): { nodes: number; loops: number; names: Set<string> } {
  const names = new Set<string>()
  let nodes = 0
  const walk = (part: unknown): number => {
    if (Array.isArray(part)) return part.reduce<number>((most, item) => Math.max(most, walk(item)), 0)
    if (typeof part !== 'object' || part === null || !('op' in part)) return 0
    const ast = part as ASTNode
    nodes++
    if (ast.op === 'id') names.add(ast.args)
    const below = walk(ast.args)
    const looping = ast.op === 'rcall' && loops.has(ast.args[0])
    return looping ? below + 1 : below
  }
  const depth = walk(node)
  return { nodes, loops: depth, names }
}

import { budget, shapeOf, useGoPatterns } from '../kube/structural/cel-evaluator.ts'
import { largestCollection } from '../kube/structural/cel-types.ts'
import { celEnvironment } from './cel-environment.ts'
import { celValue } from './health/expressions.ts'

/** A CEL expression of a spec over values that come from outside: how much it may cost is bounded before it runs. */
export class BoundedExpression {
  readonly #text: string
  readonly #run: (variables: Record<string, unknown>) => unknown
  readonly #nodes: number
  readonly #loops: number

  /** Throws an Error in CEL's words when the text does not compile or reads something other than `names`. */
  constructor(text: string, names: readonly string[]) {
    if (text.length > longest) throw new Error(`the expression is longer than ${longest} characters`)
    const parsed = celEnvironment().parse(text)
    useGoPatterns(parsed.ast)
    const shape = shapeOf(parsed.ast)
    const unknown = freeNames(parsed.ast).find(name => !names.includes(name))
    if (unknown !== undefined) throw new Error(`undeclared reference to '${unknown}': expected ${names.join(', ')}`)
    this.#text = text
    this.#run = parsed
    this.#nodes = shape.nodes
    this.#loops = shape.loops
  }

  /** The value over these variables, which are JSON. Throws when it costs too much or has none. */
  evaluate(variables: Readonly<Record<string, unknown>>): unknown {
    const size = Math.max(1, ...Object.values(variables).map(largestCollection))
    if (this.#nodes * size ** this.#loops > budget) {
      throw new Error(`evaluating ${JSON.stringify(this.#text)} could cost more than is allowed`)
    }
    return this.#run(celValue(variables) as Record<string, unknown>)
  }

  /** The value, which must be a boolean. */
  boolean(variables: Readonly<Record<string, unknown>>): boolean {
    const value = this.evaluate(variables)
    if (typeof value !== 'boolean') throw new Error(`expected a boolean, seen ${typeof value}`)
    return value
  }

  /** The value, which must be a text. */
  text(variables: Readonly<Record<string, unknown>>): string {
    const value = this.evaluate(variables)
    if (typeof value !== 'string') throw new Error(`expected a text, seen ${typeof value}`)
    return value
  }
}

const longest = 10_000

/** Names that an expression reads and does not bind itself in a comprehension. */
function freeNames(ast: unknown): string[] {
  const free = new Set<string>()
  const walk = (node: unknown, bound: ReadonlySet<string>): void => {
    if (Array.isArray(node)) {
      for (const part of node) walk(part, bound)
      return
    }
    if (typeof node !== 'object' || node === null || !('op' in node)) return
    const { op, args } = node as { op: string; args: unknown }
    if (op === 'id') {
      if (typeof args === 'string' && !bound.has(args) && !typeNames.has(args)) free.add(args)
      return
    }
    const [name, , inner] = Array.isArray(args) ? args : []
    if (op === 'rcall' && typeof name === 'string' && binders.has(name) && Array.isArray(inner)) {
      const variable = (inner[0] as { op?: string; args?: unknown } | undefined)?.args
      walk((args as unknown[])[1], bound)
      const inside = typeof variable === 'string' ? new Set([...bound, variable]) : bound
      for (const part of inner.slice(1)) walk(part, inside)
      return
    }
    walk(args, bound)
  }
  walk(ast, new Set())
  return [...free]
}

const binders: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'existsOne', 'map', 'filter'])
const typeNames: ReadonlySet<string> = new Set([
  'bool',
  'bytes',
  'double',
  'dyn',
  'int',
  'list',
  'map',
  'null_type',
  'optional',
  'string',
  'type',
  'uint',
])

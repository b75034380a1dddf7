import { defaultConfig } from './default-config.ts'
import { Failure } from './failure.ts'
import { fixNameReferences } from './name-reference.ts'
import { ResMap } from './resmap.ts'
import type { Scopes } from './scope.ts'
import { emptyConfig, mergeConfigs, type TransformerConfig } from './transformer-config.ts'
import { bindVariables, resolveVariables, type Variable } from './variables.ts'

/** What a kustomization has gathered so far: objects, the rules that apply to them, and vars. */
export class Accumulator {
  readonly map: ResMap
  config: TransformerConfig = emptyConfig
  readonly #variables = new Map<string, Variable>()

  constructor(scopes: Scopes) {
    this.map = new ResMap(scopes)
  }

  mergeConfig(config: TransformerConfig): void {
    // The defaults are merged already; most accumulators never hold anything else.
    this.config = this.config === emptyConfig && config === defaultConfig ? config : mergeConfigs(this.config, config)
  }

  /** Adds vars. @throws Failure when a name is taken or a var means several objects */
  mergeVariables(variables: readonly Variable[]): void {
    bindVariables(this.map, variables)
    for (const variable of variables) this.#addVariable(variable)
  }

  #addVariable(variable: Variable): void {
    if (this.#variables.has(variable.name)) throw new Failure(`var '${variable.name}' already encountered`)
    this.#variables.set(variable.name, variable)
  }

  /** Takes over everything that another accumulator has gathered. */
  merge(other: Accumulator): void {
    this.map.append(other.map.resources)
    this.mergeConfig(other.config)
    for (const variable of other.#variables.values()) this.#addVariable(variable)
  }

  fixBackReferences(): void {
    fixNameReferences(this.map, this.config.nameReference)
  }

  resolveVariables(): void {
    resolveVariables(this.map, this.#variables, this.config)
  }
}

import { Accumulator } from './accumulator.ts'
import { builtinSteps } from './builtin-steps.ts'
import type { BuildContext } from './context.ts'
import { configFromCrds } from './crds.ts'
import { defaultConfig } from './default-config.ts'
import { localConfigAnnotation, resourcesFrom } from './factory.ts'
import { Failure, wrapped } from './failure.ts'
import { generate, mergeOptions } from './generators/generate.ts'
import { quoted } from './go-quote.ts'
import { fixKustomization, type GeneratorArgs, type Kustomization, parseKustomization } from './kustomization.ts'
import type { Loader } from './loader.ts'
import { useOpenApi } from './openapi.ts'
import { addOrigin, addTransformation, joinedPath, type Origin, pluginOrigin, printOrigin } from './origin.ts'
import { loadPlugin } from './plugins.ts'
import { originAnnotation } from './resmap.ts'
import type { Resource } from './resource.ts'
import { sameObjects } from './same-objects.ts'
import type { Transformer } from './transformer.ts'
import { mergeConfigs, parseConfig, type TransformerConfig } from './transformer-config.ts'
import { hashTransformer } from './transformers/hash.ts'
import { variableOf } from './variables.ts'

/** The names of kustomization files; a folder may have one of them. */
export const fileNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const

/** A transformer and, with `buildMetadata`, from where it comes. */
interface Step {
  readonly transform: Transformer
  readonly origin: Origin | undefined
}

/** How the kustomization that is built is read. */
interface LoadOptions {
  /** Alters the file before it is used. */
  readonly change?: ((read: Kustomization) => Kustomization) | undefined
  /** Whether a file without any field is fine. */
  readonly allowEmpty?: boolean
}

/** One kustomization: its file, the folder that it stands in, and what it gathers. */
export class Target {
  readonly kustomization: Kustomization
  readonly #fileName: string
  readonly #loader: Loader
  readonly #context: BuildContext
  /** The path from the built folder to this one; undefined when no build metadata is asked for. */
  #originPath: string | undefined

  private constructor(kustomization: Kustomization, fileName: string, loader: Loader, context: BuildContext) {
    this.kustomization = kustomization
    this.#fileName = fileName
    this.#loader = loader
    this.#context = context
    this.#originPath = kustomization.buildMetadata?.length ? '' : undefined
  }

  /** Reads the kustomization of a folder. */
  static async load(loader: Loader, context: BuildContext, options: LoadOptions = {}): Promise<Target> {
    const found: [string, string][] = []
    for (const name of fileNames) if (await loader.has(name)) found.push([name, await loader.text(name)])
    const [first, second] = found
    if (second !== undefined)
      throw new Failure(`Found multiple kustomization files under: /${loader.root}\n`, 'E_KUSTOMIZE_FILE')
    if (first === undefined) {
      const names = "'kustomization.yaml', 'kustomization.yml' or 'Kustomization'"
      throw new Failure(`unable to find one of ${names} in directory '/${loader.root}'`, 'E_KUSTOMIZE_FILE')
    }
    return Target.#make(
      first[0],
      parseKustomization(first[1], loader.root, options.allowEmpty),
      loader,
      context,
      options.change,
    )
  }

  /** A target whose kustomization has no file. */
  static async of(kustomization: Kustomization, loader: Loader, context: BuildContext): Promise<Target> {
    return Target.#make(fileNames[0], fixKustomization(kustomization, loader.root), loader, context)
  }

  static async #make(
    fileName: string,
    parsed: Kustomization,
    loader: Loader,
    context: BuildContext,
    change?: (read: Kustomization) => Kustomization,
  ): Promise<Target> {
    const kustomization = change === undefined ? parsed : change(parsed)
    await useOpenApi(kustomization.openapi, loader, context)
    return new Target(kustomization, fileName, loader, context)
  }

  /** Builds everything: objects with their final names, references fixed, local ones left out. */
  async build(): Promise<Accumulator> {
    const accumulator = await this.#accumulate(new Accumulator(this.#context.scopes))
    accumulator.map.transform(hashTransformer)
    accumulator.fixBackReferences()
    accumulator.resolveVariables()
    accumulator.map.filter(resource => {
      const local = resource.annotations.get(localConfigAnnotation)
      return local === undefined || local === 'false'
    })
    return accumulator
  }

  async #accumulate(start: Accumulator): Promise<Accumulator> {
    const file = this.kustomization
    let accumulator = start
    try {
      await this.#accumulateResources(accumulator, file.resources ?? [])
    } catch (error) {
      throw wrapped(error, 'accumulating resources')
    }
    accumulator.mergeConfig(await this.#configurations(file.configurations ?? []))
    accumulator.mergeConfig(await configFromCrds(this.#loader, file.crds ?? []))
    await this.#runGenerators(accumulator)
    try {
      accumulator = await this.#accumulateComponents(accumulator, file.components ?? [])
    } catch (error) {
      throw wrapped(error, 'accumulating components')
    }
    await this.#runTransformers(accumulator)
    await this.#runValidators(accumulator)
    try {
      accumulator.mergeVariables((file.vars ?? []).map(variableOf))
    } catch (error) {
      throw wrapped(error, `merging vars ${JSON.stringify(file.vars)}`)
    }
    return accumulator
  }

  async #configurations(entries: readonly string[]): Promise<TransformerConfig> {
    let config: TransformerConfig = defaultConfig
    const paths = entries.filter(entry => !/[\n\r]/.test(entry))
    for (const inline of entries) if (/[\n\r]/.test(inline)) config = mergeConfigs(config, parseConfig(inline))
    for (const path of paths) config = mergeConfigs(config, parseConfig(await this.#loader.text(path)))
    return config
  }

  /** Every path is a file of objects or the folder of a base. */
  async #accumulateResources(accumulator: Accumulator, paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      let asFile: Failure
      try {
        await this.#accumulateFile(accumulator, path)
        continue
      } catch (error) {
        if (!(error instanceof Failure) || error.code === 'E_KUSTOMIZE_REMOTE') throw error
        asFile = error
      }
      try {
        const loader = await this.#loader.below(path)
        accumulator.merge(await this.#accumulateFolder(loader, path, false, accumulator))
      } catch (error) {
        if (!(error instanceof Failure)) throw error
        if (asFile.message.includes('MalformedYAMLError') && error.message.startsWith('must build at directory'))
          throw asFile
        const code = asFile.code === 'E_KUSTOMIZE_BUILD' ? error.code : asFile.code
        throw new Failure(`accumulation err='${asFile.message}': ${error.message}`, code)
      }
    }
  }

  async #accumulateFile(accumulator: Accumulator, path: string): Promise<void> {
    try {
      let resources: Resource[]
      const text = await this.#loader.text(path)
      try {
        resources = resourcesFrom(text)
      } catch (error) {
        throw error instanceof Failure ? new Failure(`${error.message} in File: ${path}`, error.code) : error
      }
      if (this.#originPath !== undefined) {
        const origin = printOrigin({ path: joinedPath(this.#originPath, path) })
        for (const resource of resources) {
          resource.setAnnotations(new Map([...resource.annotations, [originAnnotation, origin]]))
        }
      }
      try {
        accumulator.map.append(resources)
      } catch (error) {
        throw wrapped(error, `merging resources from '${path}'`)
      }
    } catch (error) {
      throw error instanceof Failure && error.message.startsWith('merging resources from')
        ? error
        : wrapped(error, `accumulating resources from '${path}'`)
    }
  }

  async #accumulateComponents(start: Accumulator, paths: readonly string[]): Promise<Accumulator> {
    let accumulator = start
    for (const path of paths) {
      let loader: Loader
      try {
        loader = await this.#loader.below(path)
      } catch (error) {
        throw error instanceof Failure ? new Failure(`loader.New ${quoted(error.message)}`, error.code) : error
      }
      try {
        accumulator = await this.#accumulateFolder(loader, path, true, accumulator)
      } catch (error) {
        throw error instanceof Failure
          ? new Failure(`accumulateDirectory: ${quoted(error.message)}`, error.code)
          : error
      }
    }
    return accumulator
  }

  /** A base gathers for itself; a component goes on with what its user has gathered so far. */
  async #accumulateFolder(loader: Loader, path: string, component: boolean, outer: Accumulator): Promise<Accumulator> {
    let target: Target
    try {
      target = await Target.load(loader, this.#context)
    } catch (error) {
      throw wrapped(error, `couldn't make target for path '/${loader.root}'`)
    }
    if (this.kustomization.buildMetadata !== undefined)
      target.kustomization.buildMetadata = this.kustomization.buildMetadata
    else delete target.kustomization.buildMetadata
    target.#originPath = this.#originPath === undefined ? undefined : joinedPath(this.#originPath, path)
    const { kind } = target.kustomization
    if (component && kind !== 'Component') {
      throw new Failure(`expected kind 'Component' for path '/${loader.root}' but got '${kind}'`)
    }
    if (!component && kind === 'Component') throw new Failure(`expected kind != 'Component' for path '/${loader.root}'`)
    try {
      return await target.#accumulate(component ? outer : new Accumulator(this.#context.scopes))
    } catch (error) {
      throw wrapped(error, `recursed accumulation of path '/${loader.root}'`)
    }
  }

  #builtinOrigin(kind: string): Origin | undefined {
    if (this.#originPath === undefined) return undefined
    return { configuredIn: joinedPath(this.#originPath, this.#fileName), configuredBy: { apiVersion: 'builtin', kind } }
  }

  async #runGenerators(accumulator: Accumulator): Promise<void> {
    const file = this.kustomization
    const run = async (kind: 'ConfigMap' | 'Secret', entries: readonly GeneratorArgs[]): Promise<void> => {
      for (const args of entries) {
        const options = mergeOptions(args.options, file.generatorOptions)
        const made = await generate(kind, options === undefined ? args : { ...args, options }, this.#loader)
        this.#absorb(accumulator, [made], this.#builtinOrigin(`${kind}Generator`))
      }
    }
    await run('ConfigMap', file.configMapGenerator ?? [])
    await run('Secret', file.secretGenerator ?? [])
    for (const resource of await this.#pluginObjects(file.generators ?? [])) {
      const plugin = await loadPlugin(resource, this.#loader, this.#context)
      if (!('generated' in plugin)) throw new Failure(`plugin ${resource.kind} not a generator`)
      this.#absorb(accumulator, plugin.generated, pluginOrigin(resource))
    }
  }

  #absorb(accumulator: Accumulator, made: readonly Resource[], origin: Origin | undefined): void {
    if (origin !== undefined) addOrigin(made, origin)
    try {
      accumulator.map.absorb(made)
    } catch (error) {
      throw wrapped(error, 'merging from generator')
    }
  }

  /** The objects that `generators`, `transformers` and `validators` name: inline, files or bases. */
  async #pluginObjects(entries: readonly string[]): Promise<readonly Resource[]> {
    const accumulator = new Accumulator(this.#context.scopes)
    const paths: string[] = []
    for (const entry of entries) {
      let inline: Resource[]
      try {
        inline = resourcesFrom(entry)
      } catch (error) {
        if (!(error instanceof Failure)) throw error
        paths.push(entry)
        continue
      }
      if (this.#originPath !== undefined) addOrigin(inline, { path: joinedPath(this.#originPath, this.#fileName) })
      accumulator.map.append(inline)
    }
    await this.#accumulateResources(accumulator, paths)
    return accumulator.map.resources
  }

  async #runTransformers(accumulator: Accumulator): Promise<void> {
    const builtin = await builtinSteps(this.kustomization, accumulator.config, this.#loader, this.#context)
    const steps: Step[] = builtin.map(({ kind, transform }) => ({ transform, origin: this.#builtinOrigin(kind) }))
    steps.push(...(await this.#pluginSteps(this.kustomization.transformers ?? [])))
    for (const { transform, origin } of steps) {
      accumulator.map.transform(transform)
      if (origin !== undefined) addTransformation(accumulator.map.resources, origin)
      accumulator.map.filter(resource => !resource.isEmpty)
    }
  }

  async #pluginSteps(entries: readonly string[]): Promise<Step[]> {
    const steps: Step[] = []
    for (const resource of await this.#pluginObjects(entries)) {
      const origin = pluginOrigin(resource)
      const annotations = resource.annotations
      annotations.delete(originAnnotation)
      resource.setAnnotations(annotations)
      const plugin = await loadPlugin(resource, this.#loader, this.#context)
      if (!('transform' in plugin)) throw new Failure(`plugin ${resource.kind} not a transformer`)
      steps.push({ transform: plugin.transform, origin })
    }
    return steps
  }

  /** Validators are transformers that must leave the objects as they are. */
  async #runValidators(accumulator: Accumulator): Promise<void> {
    for (const { transform } of await this.#pluginSteps(this.kustomization.validators ?? [])) {
      const before = accumulator.map.resources.map(resource => resource.copy())
      accumulator.map.transform(transform)
      const same = sameObjects(before, accumulator.map.resources)
      if (!same) throw new Failure("validator shouldn't modify the resource map")
    }
  }
}

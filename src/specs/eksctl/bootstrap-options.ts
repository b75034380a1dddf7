import { parseDuration } from '../../base/duration.ts'
import type { FieldError } from '../../kube/field-error.ts'
import { forbidden, invalid, notSupported, required } from '../../kube/field-errors.ts'
import { branchNameProblem, normalizeRepositoryPath, readRepositoryUrl, repositoryPathProblem } from '../git-names.ts'
import { nearestName } from '../unknown-fields.ts'
import { type FluxFlag, type FluxFlagName, fluxFlags, type GitProvider, gitProviders } from './flux-flags.ts'

type CamelCase<T extends string> = T extends `${infer A}-${infer B}` ? `${A}${Capitalize<CamelCase<B>>}` : T
type ValueOf<F> = F extends { readonly type: 'flag' }
  ? boolean
  : F extends { readonly type: 'integer' }
    ? number
    : F extends { readonly type: 'list' }
      ? readonly string[]
      : string
type HasDefault<K> = K extends FluxFlagName
  ? (typeof fluxFlags)[K] extends { readonly default: string }
    ? K
    : never
  : never

/** The flags as one typed object: what the file says, else Flux's default; durations stay in Go's form. */
export type BootstrapOptions = { readonly provider: GitProvider } & {
  readonly [K in HasDefault<FluxFlagName> as CamelCase<K>]: ValueOf<(typeof fluxFlags)[K]>
} & {
  readonly [K in Exclude<FluxFlagName, HasDefault<FluxFlagName>> as CamelCase<K>]?: ValueOf<(typeof fluxFlags)[K]>
}

/** What was made of `gitops.flux`. */
export interface ParsedFlags {
  /** Use it only when there are no errors. */
  readonly options: BootstrapOptions
  /** Fields are paths in the ClusterConfig. */
  readonly errors: readonly FieldError[]
  readonly warnings: readonly { readonly field: string; readonly message: string }[]
}

/**
 * Reads `gitops.flux` of a ClusterConfig as the command line `flux bootstrap <gitProvider> --flag=value …`. Unlike eksctl,
 * which hands a map on without looking: "false" is false (eksctl's two arguments `--private false` mean true), a flag that
 * flux does not have is refused, and so is one of another provider.
 */
export function parseBootstrapFlags(flux: {
  readonly gitProvider?: string
  readonly flags?: Readonly<Record<string, string>>
}): ParsedFlags {
  const errors: FieldError[] = []
  const warnings: { field: string; message: string }[] = []
  const word = flux.gitProvider ?? ''
  const provider = gitProviders.find(one => one === word)
  if (provider === undefined) errors.push(unknownProvider(word))
  const given = flux.flags ?? {}
  const values: Record<string, unknown> = { provider: provider ?? 'git' }
  for (const [name, flag] of Object.entries<FluxFlag>(fluxFlags)) {
    const text = Object.hasOwn(given, name) ? given[name] : flag.default
    if (text !== undefined) values[camelCase(name)] = readValue(flag, text)
  }
  for (const [name, text] of Object.entries(given)) {
    const field = `gitops.flux.flags.${name}`
    const flag = Object.hasOwn(fluxFlags, name) ? (fluxFlags[name as FluxFlagName] as FluxFlag) : undefined
    if (flag === undefined) errors.push(unknownFlag(field, name, text))
    else if (provider !== undefined && flag.of && !flag.of.includes(provider)) {
      const others = flag.of.filter(one => one !== provider).join(', ')
      errors.push(forbidden(field, `flux bootstrap ${provider} has no flag --${name}; it belongs to ${others}`))
    } else {
      errors.push(...valueErrors(field, flag, text))
      if (typeof flag.use === 'object' && 'refuse' in flag.use) {
        // An off switch of something that is not done is no wish.
        if (!(flag.type === 'flag' && readValue(flag, text) === false)) errors.push(forbidden(field, flag.use.refuse))
      } else if (typeof flag.use === 'object') warnings.push({ field, message: `${name}: ${flag.use.warn}` })
      if (flag.type === 'flag' && readValue(flag, text) === false) {
        const message = `${name}: "${text}" is false here; eksctl passes it as two arguments, which flux reads as true`
        warnings.push({ field, message })
      }
    }
  }
  if (provider !== undefined && errors.length === 0) errors.push(...togetherErrors(values as never, given))
  return { options: values as unknown as BootstrapOptions, errors, warnings }
}

function unknownProvider(word: string): FieldError {
  const field = 'gitops.flux.gitProvider'
  if (word === '') return required(field, 'gitops.flux.gitProvider must be set')
  const meant = nearestName(word, gitProviders)
  const error = notSupported(field, word, gitProviders)
  return meant === undefined ? error : { ...error, detail: `${error.detail}; did you mean ${meant}?` }
}

function unknownFlag(field: string, name: string, text: string): FieldError {
  const plain = name.replace(/^-+/, '')
  const names = Object.keys(fluxFlags)
  const meant = names.includes(plain) ? plain : nearestName(plain, names)
  const hint = meant === undefined ? 'see `flux bootstrap --help`' : `did you mean ${meant}?`
  return invalid(field, text, `flux bootstrap has no flag --${plain}; ${hint}`)
}

function valueErrors(field: string, flag: FluxFlag, text: string): FieldError[] {
  const value = readValue(flag, text)
  if (flag.type === 'flag' && value === undefined) return [invalid(field, text, 'must be "true" or "false"')]
  if (flag.type === 'integer' && value === undefined) return [invalid(field, text, 'must be a whole number')]
  if (flag.type === 'duration' && parseDuration(text) === undefined) {
    return [invalid(field, text, 'must be a duration such as "1m0s"')]
  }
  if (flag.values && !flag.values.includes(text)) return [notSupported(field, text, flag.values)]
  return []
}

/** A text as pflag reads it; undefined when it does not. */
function readValue(flag: FluxFlag, text: string): unknown {
  switch (flag.type) {
    case 'flag':
      // strconv.ParseBool
      return /^(1|t|T|TRUE|true|True)$/.test(text) ? true : /^(0|f|F|FALSE|false|False)$/.test(text) ? false : undefined
    case 'integer':
      return /^\d{1,9}$/.test(text) ? Number(text) : undefined
    case 'list':
      return text
        .split(',')
        .map(part => part.trim())
        .filter(part => part !== '')
    default:
      return text
  }
}

/** What must hold between flags. */
function* togetherErrors(options: BootstrapOptions, given: Readonly<Record<string, string>>): Iterable<FieldError> {
  const at = (name: FluxFlagName) => `gitops.flux.flags.${name}`
  const { provider } = options
  if (provider === 'git') {
    if (!options.url) yield required(at('url'), 'flux bootstrap git needs the address of the repository')
    else {
      const url = readRepositoryUrl(options.url)
      if ('problem' in url && !(options.allowInsecureHttp && /clear text/.test(url.problem)))
        yield invalid(at('url'), options.url, url.problem)
    }
  } else {
    if (!options.owner) yield required(at('owner'), 'the user, organization or group that owns the repository')
    if (!options.repository) yield required(at('repository'), 'the name of the repository')
    if (provider === 'bitbucket-server' && !options.hostname) yield required(at('hostname'), 'the host of the server')
  }
  const branch = branchNameProblem(options.branch)
  if (branch !== undefined) yield invalid(at('branch'), options.branch, branch)
  const path = repositoryPathProblem(options.path)
  if (path !== undefined) yield invalid(at('path'), options.path, path)
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(options.namespace)) {
    yield invalid(at('namespace'), options.namespace, "must be at most 63 lower case letters, digits and '-'")
  }
  if (given['private'] !== undefined && given['visibility'] !== undefined) {
    yield forbidden(at('private'), 'say visibility alone: private is its old form')
  }
}

/** The folder of the fleet in plain form; '' for the root. */
export function bootstrapPath(options: BootstrapOptions): string {
  return normalizeRepositoryPath(options.path)
}

function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

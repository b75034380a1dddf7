import { SluiceError } from '../base/errors/index.ts'

/** What `flux install` installs by itself. */
export const defaultComponents = [
  'source-controller',
  'kustomize-controller',
  'helm-controller',
  'notification-controller',
] as const

/** What it installs when it is asked to. */
export const extraComponents = ['image-reflector-controller', 'image-automation-controller', 'source-watcher'] as const

/** Without these there is no synchronization. */
const requiredComponents = ['source-controller', 'kustomize-controller'] as const

/** Every component, in the order in which Flux lists them. */
export const fluxComponents: readonly string[] = [...defaultComponents, ...extraComponents]

/** Options of `flux install`. An absent one leaves given manifests as they are. */
export interface FluxOptions {
  readonly components?: readonly string[]
  readonly componentsExtra?: readonly string[]
  /** `v2.9.4`. */
  readonly version?: string
  /** Registry and path of the images, without a scheme: `ghcr.io/fluxcd`. */
  readonly registry?: string
  /** Name of a Secret in the namespace of Flux. */
  readonly imagePullSecret?: string
  readonly networkPolicy?: boolean
  /** Keys of taints that the controllers tolerate. */
  readonly tolerationKeys?: readonly string[]
  readonly watchAllNamespaces?: boolean
  readonly logLevel?: string
  readonly clusterDomain?: string
}

/** The defaults of `flux install`, for manifests that were not made with any options. */
export const fluxDefaults = {
  components: defaultComponents,
  registry: 'ghcr.io/fluxcd',
  networkPolicy: true,
  watchAllNamespaces: true,
  logLevel: 'info',
  clusterDomain: 'cluster.local',
} as const satisfies FluxOptions

/** The flag of each option, for messages. */
export const flagOf = {
  components: '--components',
  componentsExtra: '--components-extra',
  version: '--version',
  registry: '--registry',
  imagePullSecret: '--image-pull-secret',
  networkPolicy: '--network-policy',
  tolerationKeys: '--toleration-keys',
  watchAllNamespaces: '--watch-all-namespaces',
  logLevel: '--log-level',
  clusterDomain: '--cluster-domain',
} as const satisfies Readonly<Record<keyof FluxOptions, string>>

export function refuseOption(option: keyof FluxOptions, expected: string, seen: string): SluiceError {
  return new SluiceError('E_FLUX_OPTION', { object: flagOf[option], expected, seen })
}

const label = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/
const domain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const registry = /^[a-z0-9]([-.a-z0-9]*[a-z0-9])?(:\d{1,5})?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/i
const taintKey = /^([a-z0-9]([-.a-z0-9]*[a-z0-9])?\/)?[A-Za-z0-9]([-._A-Za-z0-9]{0,61}[A-Za-z0-9])?$/

/**
 * Checks the values by themselves, as flux does before anything else.
 *
 * @throws SluiceError E_FLUX_OPTION naming the flag
 */
export function checkFluxOptions(options: FluxOptions): void {
  const chosen = chosenComponents(options)
  for (const option of ['components', 'componentsExtra'] as const)
    for (const name of options[option] ?? [])
      if (!fluxComponents.includes(name)) throw refuseOption(option, `some of ${fluxComponents.join(', ')}`, name)
  for (const name of requiredComponents)
    if (chosen !== undefined && !chosen.includes(name))
      throw refuseOption('components', `${requiredComponents.join(' and ')} among them`, chosen.join(','))
  const check = (option: keyof FluxOptions, pattern: RegExp, expected: string): void => {
    const value = options[option]
    for (const text of Array.isArray(value) ? (value as string[]) : value === undefined ? [] : [String(value)])
      if (text.length > 253 || !pattern.test(text)) throw refuseOption(option, expected, JSON.stringify(text))
  }
  check('version', /^v\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/, 'a version such as v2.9.4')
  check('registry', registry, 'a registry without a scheme, such as ghcr.io/fluxcd')
  check('imagePullSecret', /^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/, 'the name of a Secret')
  check('tolerationKeys', taintKey, 'keys of taints, such as dedicated or example.com/team')
  check('logLevel', /^(debug|info|error)$/, 'debug, info or error')
  check('clusterDomain', domain, 'a DNS name such as cluster.local')
}

/** The components that are asked for; undefined when nothing is said of them. */
export function chosenComponents({ components, componentsExtra }: FluxOptions): readonly string[] | undefined {
  if (components === undefined && componentsExtra === undefined) return undefined
  const wanted = new Set([...(components ?? defaultComponents), ...(componentsExtra ?? [])])
  return [
    ...fluxComponents.filter(name => wanted.has(name)),
    ...[...wanted].filter(one => !fluxComponents.includes(one)),
  ]
}

/** @throws SluiceError E_FLUX_OPTION when a name cannot be a namespace */
export function checkNamespace(namespace: string): void {
  if (!label.test(namespace))
    throw new SluiceError('E_FLUX_OPTION', {
      object: '--namespace',
      expected: "at most 63 lower case letters, digits and '-'",
      seen: JSON.stringify(namespace),
    })
}

import { SluiceError } from '../base/errors/index.ts'
import { eksctlClusterKind } from '../specs/index.ts'

/** A kind of Flux that commands act on. */
export interface FluxKind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

/** A kind with the words that people type for it: those of kubectl and of the flux command. */
export interface NamedFluxKind extends FluxKind {
  /** As `kubectl get` takes it. */
  readonly plural: string
  /** Short names of the CRD, and flux's own words. */
  readonly words: readonly string[]
  /** What it does: gets something, applies something, or speaks with other systems. */
  readonly role: 'source' | 'applier' | 'notification'
}

const source = { group: 'source.toolkit.fluxcd.io', version: 'v1', role: 'source' } as const
const notification = { group: 'notification.toolkit.fluxcd.io', role: 'notification' } as const

/** Every kind of Flux that Sluice knows, in the order in which `get all` shows them. */
export const fluxKinds: readonly NamedFluxKind[] = [
  { ...source, kind: 'GitRepository', plural: 'gitrepositories', words: ['gitrepo', 'git', 'source', 'sources'] },
  { ...source, kind: 'OCIRepository', plural: 'ocirepositories', words: ['ocirepo', 'oci'] },
  { ...source, kind: 'Bucket', plural: 'buckets', words: [] },
  { ...source, kind: 'HelmRepository', plural: 'helmrepositories', words: ['helmrepo'] },
  { ...source, kind: 'HelmChart', plural: 'helmcharts', words: ['hc', 'chart', 'charts'] },
  { ...source, kind: 'ExternalArtifact', plural: 'externalartifacts', words: ['ea'] },
  {
    group: 'kustomize.toolkit.fluxcd.io',
    version: 'v1',
    kind: 'Kustomization',
    plural: 'kustomizations',
    words: ['ks'],
    role: 'applier',
  },
  {
    group: 'helm.toolkit.fluxcd.io',
    version: 'v2',
    kind: 'HelmRelease',
    plural: 'helmreleases',
    words: ['hr'],
    role: 'applier',
  },
  { ...notification, version: 'v1', kind: 'Receiver', plural: 'receivers', words: [] },
  { ...notification, version: 'v1beta3', kind: 'Alert', plural: 'alerts', words: [] },
  { ...notification, version: 'v1beta3', kind: 'Provider', plural: 'providers', words: ['alert-provider'] },
]

/** A kind of our own that is reconciled, suspended and watched like those of Flux. */
const eksctlCluster: NamedFluxKind = {
  group: eksctlClusterKind.group,
  version: eksctlClusterKind.version,
  kind: eksctlClusterKind.kind,
  plural: eksctlClusterKind.plural,
  words: [],
  role: 'applier',
}

/** Everything that engines of ours reconcile. */
export const reconciledKinds: readonly NamedFluxKind[] = [...fluxKinds, eksctlCluster]

/** The kind that a word on the command line means: its name, plural, short name or flux's word. Fails with E_USAGE. */
export function kindFromWord(word: string): NamedFluxKind {
  const text = word.toLowerCase()
  const found = reconciledKinds.find(
    ({ kind, plural, words }) => text === kind.toLowerCase() || text === plural || words.includes(text),
  )
  if (found) return found
  const expected = reconciledKinds.map(({ kind }) => kind.toLowerCase()).join(', ')
  throw new SluiceError('E_USAGE', { object: 'kind', expected, seen: JSON.stringify(word.slice(0, 60)) })
}

/** The kind of Flux's group and name; undefined for any other kind. */
export function fluxKindOf({ group, kind }: Pick<FluxKind, 'group' | 'kind'>): NamedFluxKind | undefined {
  return fluxKinds.find(one => one.group === group && one.kind === kind)
}

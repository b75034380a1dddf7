import { SluiceError } from '../base/errors/index.ts'
import { eksctlClusterKind } from '../specs/index.ts'
import { gitRepositoryKind, kustomizationKind } from './read-fleet.ts'

/** A kind of Flux that commands act on. */
export interface FluxKind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

const eksctlCluster = {
  group: eksctlClusterKind.group,
  version: eksctlClusterKind.version,
  kind: eksctlClusterKind.kind,
}

const words: Readonly<Record<string, FluxKind>> = {
  source: gitRepositoryKind,
  sources: gitRepositoryKind,
  git: gitRepositoryKind,
  gitrepo: gitRepositoryKind,
  gitrepository: gitRepositoryKind,
  gitrepositories: gitRepositoryKind,
  kustomization: kustomizationKind,
  kustomizations: kustomizationKind,
  ks: kustomizationKind,
  eksctlcluster: eksctlCluster,
  eksctlclusters: eksctlCluster,
}

/** The kind that a word on the command line means. Fails with E_USAGE. */
export function kindFromWord(word: string): FluxKind {
  const kind = Object.hasOwn(words, word.toLowerCase()) ? words[word.toLowerCase()] : undefined
  if (!kind) throw new SluiceError('E_USAGE', { expected: 'source, kustomization or eksctlcluster', seen: word })
  return kind
}

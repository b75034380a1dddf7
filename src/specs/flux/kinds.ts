import { parseApiVersion } from '../../kube/identity.ts'
import type { SpecKind } from '../kind.ts'
import { alertKind } from './alert.ts'
import { gitRepositoryKind } from './git-repository.ts'
import { kustomizationKind } from './kustomization.ts'
import { providerKind } from './provider.ts'
import { receiverKind } from './receiver.ts'

/** Every kind of Flux that the embedded engine serves, in the order in which they are installed. */
export const fluxKinds: readonly SpecKind[] = [
  gitRepositoryKind,
  kustomizationKind,
  providerKind,
  alertKind,
  receiverKind,
] as unknown as readonly SpecKind[]

/** The kind of an object of Flux; undefined for all else. */
export function fluxKindOf(object: { apiVersion: string; kind: string }): SpecKind | undefined {
  const { group } = parseApiVersion(object.apiVersion)
  return fluxKinds.find(kind => kind.group === group && kind.kind === object.kind)
}

import { parseApiVersion } from '../../kube/identity.ts'
import type { SpecKind } from '../kind.ts'
import { alertKind } from './alert.ts'
import { bucketKind } from './bucket.ts'
import { externalArtifactKind } from './external-artifact.ts'
import { gitRepositoryKind } from './git-repository.ts'
import { helmChartKind } from './helm-chart.ts'
import { helmReleaseKind } from './helm-release.ts'
import { helmRepositoryKind } from './helm-repository.ts'
import { kustomizationKind } from './kustomization.ts'
import { ociRepositoryKind } from './oci-repository.ts'
import { providerKind } from './provider.ts'
import { receiverKind } from './receiver.ts'

/** Every kind of Flux that the embedded engine serves, in the order in which they are installed. */
export const fluxKinds: readonly SpecKind[] = [
  gitRepositoryKind,
  kustomizationKind,
  providerKind,
  alertKind,
  receiverKind,
  ociRepositoryKind,
  bucketKind,
  helmRepositoryKind,
  helmChartKind,
  externalArtifactKind,
  helmReleaseKind,
] as unknown as readonly SpecKind[]

/** The kind of an object of Flux; undefined for all else. */
export function fluxKindOf(object: { apiVersion: string; kind: string }): SpecKind | undefined {
  const { group } = parseApiVersion(object.apiVersion)
  return fluxKinds.find(kind => kind.group === group && kind.kind === object.kind)
}

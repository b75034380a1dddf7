import { parseApiVersion } from '../../kube/identity.ts'
import type { SpecKind } from '../kind.ts'
import { clusterKind } from './cluster.ts'
import { fluxConfigKind } from './flux-config.ts'
import { gitOpsConfigKind } from './gitops-config.ts'
import { awsIamConfigKind, oidcConfigKind } from './identity-kinds.ts'
import { providerKinds } from './provider-kinds.ts'
import { eksaGroup } from './shared.ts'

/** Every kind of EKS Anywhere that Sluice knows. */
export const eksaKinds: readonly SpecKind[] = [
  clusterKind,
  fluxConfigKind,
  gitOpsConfigKind,
  oidcConfigKind,
  awsIamConfigKind,
  ...providerKinds,
] as unknown as readonly SpecKind[]

const byKind = new Map(eksaKinds.map(kind => [kind.kind, kind]))

/** The kind of an object of EKS Anywhere, in any version; undefined for all else. */
export function eksaKindOf(object: { apiVersion: string; kind: string }): SpecKind | undefined {
  return parseApiVersion(object.apiVersion).group === eksaGroup ? byKind.get(object.kind) : undefined
}

export { type ApplicationObject, applicationKind } from './apps/application-kind.ts'
export { type EnvironmentObject, environmentKind } from './apps/environment-kind.ts'
export { appsGroup } from './apps/group.ts'
export { type RepositoryObject, repositoryKind } from './apps/repository-kind.ts'
export { placeOf, readDocuments, type SpecDocument, type TextFile } from './document.ts'
export { type Cluster, clusterKind, type WorkerGroup } from './eks-anywhere/cluster.ts'
export { type ClusterSpec, effectiveFluxConfig } from './eks-anywhere/cluster-spec.ts'
export { isPaused, isSelfManaged } from './eks-anywhere/cluster-update-rules.ts'
export { checkWorkload } from './eks-anywhere/fleet-rules.ts'
export { type FluxConfig, fluxConfigKind } from './eks-anywhere/flux-config.ts'
export { fluxConfigOf, type GitOpsConfig, gitOpsConfigKind } from './eks-anywhere/gitops-config.ts'
export { eksaKindOf, eksaKinds } from './eks-anywhere/kinds.ts'
export { marshalClusterFile } from './eks-anywhere/marshal.ts'
export { type ParsedSpecs, parseClusterSpecs } from './eks-anywhere/parse.ts'
export { type Provider, providerOf, providers } from './eks-anywhere/providers.ts'
export { eksaAnnotations, eksaApiVersion, eksaGroup } from './eks-anywhere/shared.ts'
export {
  type BootstrapOptions,
  bootstrapPath,
  type ParsedFlags,
  parseBootstrapFlags,
} from './eksctl/bootstrap-options.ts'
export { clusterConfigWarnings } from './eksctl/cluster-config-rules.ts'
export {
  type ClusterConfig,
  eksctlApiVersion,
  eksctlGroup,
  type ManagedNodeGroup,
} from './eksctl/cluster-config-schema.ts'
export { type FluxFlagName, fluxFlags, type GitProvider, gitProviders } from './eksctl/flux-flags.ts'
export { type GroupKind, type GroupSize, groupSizes } from './eksctl/group-sizes.ts'
export { type EksctlCluster, eksctlClusterKind, sluiceGroup } from './eksctl/node-groups-kind.ts'
export { type ClusterConfigFile, isEksctlObject, readClusterConfig } from './eksctl/read-cluster-config.ts'
export { type GroupSizeChange, setGroupSize } from './eksctl/set-group-size.ts'
export { type Alert, alertKind } from './flux/alert.ts'
export { type Bucket, bucketKind } from './flux/bucket.ts'
export { type ExternalArtifact, externalArtifactKind } from './flux/external-artifact.ts'
export { type GitRepository, gitRepositoryKind } from './flux/git-repository.ts'
export { type HelmChart, helmChartKind } from './flux/helm-chart.ts'
export { type HelmRelease, helmReleaseKind } from './flux/helm-release.ts'
export { type HelmRepository, helmRepositoryKind } from './flux/helm-repository.ts'
export { fluxKindOf, fluxKinds } from './flux/kinds.ts'
export { type Kustomization, kustomizationKind } from './flux/kustomization.ts'
export { type OciRepository, ociRepositoryKind } from './flux/oci-repository.ts'
export { type Provider as FluxProvider, providerKind } from './flux/provider.ts'
export { type Receiver, receiverKind } from './flux/receiver.ts'
export {
  type AppliedGuardrail,
  checkChange,
  formatSize,
  limitsOf,
  type Size,
  type SizeChange,
} from './guardrails/check-change.ts'
export { type Guardrail, readGuardrails } from './guardrails/read-guardrails.ts'
export type { ObjectOf, Rule, SpecKind, UpdateRule } from './kind.ts'
export { formatProblem, formatWarning, type Place, type SpecProblem, type SpecWarning, specError } from './problem.ts'
export { specReferencePages } from './reference.ts'

/**
 * Every object of eksctl's ClusterConfig `eksctl.io/v1alpha5` with its fields and their types: eksctl refuses what is not
 * among them. `s` text, `i` integer, `n` number, `b` true or false, `{s}` map of texts, `any` left alone, `taints` a list or
 * a map, `X[]` a list, `!` required. A test holds it against eksctl's published schema.
 */
const table = `
AZSubnetSpec = az:s cidr:s id:s
AccessConfig = accessEntries:AccessEntry[] authenticationMode:s bootstrapClusterCreatorAdminPermissions:b
AccessEntry = accessPolicies:AccessPolicy[] kubernetesGroups:s[] kubernetesUsername:s principalARN:any type:s
AccessPolicy = accessScope:AccessScope policyARN:any
AccessScope = namespaces:s[] type:s
Addon = attachPolicy:any attachPolicyARNs:s[] configurationValues:s name!:s namespaceConfig:AddonNamespaceConfig
  owners:s[] permissionsBoundary:s podIdentityAssociations:PodIdentityAssociation[] publishers:s[]
  resolveConflicts:s serviceAccountRoleARN:s tags:{s} types:s[] useDefaultPodIdentityAssociations:b version:s
  wellKnownPolicies:WellKnownPolicies
AddonNamespaceConfig = namespace:s
AddonsConfig = autoApplyPodIdentityAssociations:b disableDefaultAddons:b
ArgoCDAWSIDC = idcInstanceArn!:s idcRegion:s
ArgoCDConfiguration = awsIdc:ArgoCDAWSIDC namespace:s networkAccess:ArgoCDNetworkAccess
  rbacRoleMappings:ArgoCDRoleMapping[]
ArgoCDNetworkAccess = vpceIds:s[]
ArgoCDRoleMapping = identities!:SSOIdentity[] role!:s
AutoModeConfig = enabled:b nodePools:s[] nodeRoleARN:any permissionsBoundaryARN:any
Capability = accessPolicies:AccessPolicy[] attachPolicy:any attachPolicyARNs:s[]
  configuration:CapabilityConfiguration deletePropagationPolicy:s name!:s permissionsBoundary:s roleArn:s tags:{s}
  type!:s
CapabilityConfiguration = argocd:ArgoCDConfiguration
CapacityReservation = capacityReservationPreference:s capacityReservationTarget:CapacityReservationTarget
CapacityReservationTarget = capacityReservationID:s capacityReservationResourceGroupARN:s
ClusterCloudWatch = clusterLogging:ClusterCloudWatchLogging
ClusterCloudWatchLogging = enableTypes:s[] logRetentionInDays:i
ClusterConfig = accessConfig:AccessConfig addons:Addon[] addonsConfig:AddonsConfig apiVersion!:s
  autoModeConfig:AutoModeConfig availabilityZones:s[] capabilities:Capability[] cloudWatch:ClusterCloudWatch
  controlPlaneScalingConfig:ControlPlaneScalingConfig fargateProfiles:FargateProfile[] gitops:GitOps iam:ClusterIAM
  iamIdentityMappings:IAMIdentityMapping[] identityProviders:OIDCIdentityProvider[] karpenter:Karpenter kind!:s
  kubeAPIServerConfig:KubeAPIServerConfig kubeControllerManagerConfig:KubeControllerManagerConfig
  kubeSchedulerConfig:KubeSchedulerConfig kubernetesNetworkConfig:KubernetesNetworkConfig localZones:s[]
  managedNodeGroups:ManagedNodeGroup[] metadata!:ClusterMeta nodeGroups:NodeGroup[] outpost:Outpost
  privateCluster:PrivateCluster remoteNetworkConfig:RemoteNetworkConfig secretsEncryption:SecretsEncryption
  upgradePolicy:UpgradePolicy vpc:ClusterVPC zonalShiftConfig:ZonalShiftConfig
ClusterEndpoints = privateAccess:b publicAccess:b
ClusterIAM = fargatePodExecutionRoleARN:s fargatePodExecutionRolePermissionsBoundary:s
  podIdentityAssociations:PodIdentityAssociation[] serviceAccounts:ClusterIAMServiceAccount[] serviceRoleARN:s
  serviceRolePermissionsBoundary:s vpcResourceControllerPolicy:b withOIDC:b
ClusterIAMMeta = annotations:{s} labels:{s} name:s namespace:s
ClusterIAMServiceAccount = attachPolicy:any attachPolicyARNs:s[] attachRoleARN:s metadata:ClusterIAMMeta
  permissionsBoundary:s roleName:s roleOnly:b status:ClusterIAMServiceAccountStatus subjectPattern:s tags:{s}
  wellKnownPolicies:WellKnownPolicies
ClusterIAMServiceAccountStatus = capabilities:s[] roleARN:s stackName:s tags:{s}
ClusterMeta = annotations:{s} forceUpdateVersion:b name!:s region!:s rollbackConfig:RollbackConfig tags:{s}
  version:s
ClusterNAT = gateway:s
ClusterSubnets = private:{AZSubnetSpec} public:{AZSubnetSpec}
ClusterVPC = autoAllocateIPv6:b cidr:s clusterEndpoints:ClusterEndpoints controlPlaneEgressMode:s
  controlPlaneOnPrivateSubnets:b controlPlaneSecurityGroupIDs:s[] controlPlaneSubnetIDs:s[] extraCIDRs:s[]
  extraIPv6CIDRs:s[] hostnameType:s id:s ipv6Cidr:s ipv6Pool:s manageSharedNodeSecurityGroupRules:b nat:ClusterNAT
  publicAccessCIDRs:s[] securityGroup:s sharedNodeSecurityGroup:s subnets:ClusterSubnets
ControlPlaneScalingConfig = tier:s
FargateProfile = name!:s podExecutionRoleARN:s selectors:FargateProfileSelector[] status:s subnets:s[] tags:{s}
FargateProfileSelector = labels:{s} namespace!:s
Flux = flags:{s} gitProvider:s
GitOps = flux:Flux
HorizontalPodAutoscalerControllerConfig = horizontalPodAutoscalerSyncPeriod:s
IAMIdentityMapping = account:s arn:s groups:s[] namespace:s noDuplicateARNs:b serviceName:s username:s
IdentityProvider = type!:s
InstanceMarketOptions = marketType:s
InstanceSelector = allow:s cpuArchitecture:s deny:s gpus:i memory:s neuron_devices:i vCPUs:i
Karpenter = createServiceAccount:b defaultInstanceProfile:s version!:s withSpotInterruptionQueue:b
KubeAPIServerConfig = eventTTL:s serviceNodePortRange:ServiceNodePortRange
KubeControllerManagerConfig = horizontalPodAutoscalerControllerConfig:HorizontalPodAutoscalerControllerConfig
KubeSchedulerConfig = nodeResourcesFit:NodeResourcesFitConfig
KubernetesNetworkConfig = ipFamily:s serviceIPv4CIDR:s serviceIPv6CIDR:s
LaunchTemplate = id!:s version:s
ManagedNodeGroup = additionalVolumes:VolumeMapping[] ami:s amiFamily:s asgSuspendProcesses:s[] availabilityZones:s[]
  bottlerocket:NodeGroupBottlerocket capacityReservation:CapacityReservation desiredCapacity:i disableIMDSv1:b
  disablePodIMDS:b ebsOptimized:b efaEnabled:b enableDetailedMonitoring:b iam:NodeGroupIAM
  instanceMarketOptions:InstanceMarketOptions instanceName:s instancePrefix:s instanceSelector:InstanceSelector
  instanceType:s instanceTypes:s[] labels:{s} launchTemplate:LaunchTemplate maxPodsPerNode:i maxSize:i minSize:i
  name!:s nodeRepairConfig:NodeGroupNodeRepairConfig outpostARN:s overrideBootstrapCommand:s placement:Placement
  preBootstrapCommands:s[] privateNetworking:b propagateASGTags:b releaseVersion:s securityGroups:NodeGroupSGs
  spot:b ssh:NodeGroupSSH subnets:s[] tags:{s} taints:NodeGroupTaint[] updateConfig:NodeGroupUpdateConfig
  volumeEncrypted:b volumeIOPS:i volumeKmsKeyID:s volumeName:s volumeSize:i volumeThroughput:i volumeType:s
MetricsCollection = granularity!:s metrics:s[]
NodeGroup = additionalVolumes:VolumeMapping[] ami:s amiFamily:s asgMetricsCollection:MetricsCollection[]
  asgSuspendProcesses:s[] availabilityZones:s[] bottlerocket:NodeGroupBottlerocket
  capacityReservation:CapacityReservation classicLoadBalancerNames:s[] clusterDNS:s containerRuntime:s cpuCredits:s
  desiredCapacity:i disableIMDSv1:b disablePodIMDS:b ebsOptimized:b efaEnabled:b enableDetailedMonitoring:b
  enclaveEnabled:b iam:NodeGroupIAM instanceMarketOptions:InstanceMarketOptions instanceName:s instancePrefix:s
  instanceSelector:InstanceSelector instanceType:s instancesDistribution:NodeGroupInstancesDistribution
  kubeletExtraConfig:any labels:{s} localZones:s[] maxInstanceLifetime:i maxPodsPerNode:i maxSize:i minSize:i
  name!:s outpostARN:s overrideBootstrapCommand:s placement:Placement preBootstrapCommands:s[] privateNetworking:b
  propagateASGTags:b securityGroups:NodeGroupSGs ssh:NodeGroupSSH subnets:s[] tags:{s} taints:taints
  targetGroupARNs:s[] updateConfig:NodeGroupUpdateConfig volumeEncrypted:b volumeIOPS:i volumeKmsKeyID:s
  volumeName:s volumeSize:i volumeThroughput:i volumeType:s
NodeGroupBottlerocket = enableAdminContainer:b settings:any
NodeGroupIAM = attachPolicy:any attachPolicyARNs:s[] instanceProfileARN:s instanceRoleARN:s instanceRoleName:s
  instanceRolePermissionsBoundary:s withAddonPolicies:NodeGroupIAMAddonPolicies
NodeGroupIAMAddonPolicies = albIngress:b appMesh:b appMeshPreview:b autoScaler:b awsLoadBalancerController:b
  certManager:b cloudWatch:b ebs:b efs:b externalDNS:b fsx:b imageBuilder:b xRay:b
NodeGroupInstancesDistribution = capacityRebalance:b instanceTypes!:s[] maxPrice:n onDemandBaseCapacity:i
  onDemandPercentageAboveBaseCapacity:i spotAllocationStrategy:s spotInstancePools:i
NodeGroupNodeRepairConfig = enabled:b maxParallelNodesRepairedCount:i maxParallelNodesRepairedPercentage:i
  maxUnhealthyNodeThresholdCount:i maxUnhealthyNodeThresholdPercentage:i
  nodeRepairConfigOverrides:NodeRepairConfigOverride[]
NodeGroupSGs = attachIDs:s[] withLocal:b withShared:b
NodeGroupSSH = allow:b enableSsm:b publicKey:s publicKeyName:s publicKeyPath:s sourceSecurityGroupIds:s[]
NodeGroupTaint = effect:s key:s value:s
NodeGroupUpdateConfig = maxUnavailable:i maxUnavailablePercentage:i
NodeRepairConfigOverride = minRepairWaitTimeMins:i nodeMonitoringCondition:s nodeUnhealthyReason:s repairAction:s
NodeResourcesFitConfig = scoringStrategy:ScoringStrategy
OIDCIdentityProvider = clientID!:s groupsClaim:s groupsPrefix:s issuerURL!:s name!:s requiredClaims:{s} tags:{s}
  usernameClaim:s usernamePrefix:s
Outpost = controlPlaneInstanceType:s controlPlaneOutpostARN:s controlPlanePlacement:Placement etcdInstanceType:s
  etcdPlacement:Placement
Placement = groupName:s spreadLevel:s
PodIdentityAssociation = createServiceAccount:b disableSessionTags:b namespace:s permissionPolicy:any
  permissionPolicyARNs:s[] permissionPolicyName:s permissionsBoundaryARN:s policy:s roleARN:s roleName:s
  serviceAccountName:s tags:{s} targetRoleARN:s wellKnownPolicies:WellKnownPolicies
PrivateCluster = additionalEndpointServices:s[] enabled:b skipEndpointCreation:b
RemoteNetwork = cidrs:s[]
RemoteNetworkConfig = iam:RemoteNodesIAM remoteNodeNetworks!:RemoteNetwork[] remotePodNetworks:RemoteNetwork[]
  vpcGatewayID!:s
RemoteNodesIAM = caBundleCert:s provider:s roleARN:s
ResourceWeight = name:s weight:i
RollbackConfig = timeoutMinutes:i
SSOIdentity = id!:s type!:s
ScoringStrategy = resources:ResourceWeight[] type:s
SecretsEncryption = keyARN!:s
ServiceNodePortRange = maxPort:i minPort:i
UpgradePolicy = supportType:s
VolumeMapping = snapshotID:s volumeEncrypted:b volumeIOPS:i volumeKmsKeyID:s volumeName:s volumeSize:i
  volumeThroughput:i volumeType:s
WellKnownPolicies = autoScaler:b awsLoadBalancerController:b certManager:b ebsCSIController:b efsCSIController:b
  externalDNS:b imageBuilder:b
ZonalShiftConfig = enabled:b
`

/** The type of a field, as in the table. */
export type ShapeType = string

/** Fields of an object by name. */
export type Shape = ReadonlyMap<string, { readonly type: ShapeType; readonly required: boolean }>

let parsed: ReadonlyMap<string, Shape> | undefined

/** All objects by name; `ClusterConfig` is the whole file. */
export function eksctlShapes(): ReadonlyMap<string, Shape> {
  parsed ??= parse()
  return parsed
}

function parse(): ReadonlyMap<string, Shape> {
  const shapes = new Map<string, Shape>()
  for (const line of table
    .trim()
    .replaceAll(/\n {2}/g, ' ')
    .split('\n')) {
    const [name = '', fields = ''] = line.split(' = ')
    const shape = new Map<string, { type: ShapeType; required: boolean }>()
    for (const field of fields.split(' ')) {
      const [key = '', type = ''] = field.split(':')
      shape.set(key.replace(/!$/, ''), { type, required: key.endsWith('!') })
    }
    shapes.set(name, shape)
  }
  return shapes
}

import type { KubeObject } from '../../kube/object.ts'
import { defineKind } from '../kind.ts'
import type { FromSchema } from '../schema.ts'
import { clusterRules } from './cluster-rules.ts'
import { clusterSpecSchema, clusterStatusSchema } from './cluster-schema.ts'
import { clusterUpdateRules } from './cluster-update-rules.ts'
import { eksaGroup, eksaVersion } from './shared.ts'

/** A Cluster as the API holds it. */
export interface Cluster extends KubeObject {
  spec: FromSchema<typeof clusterSpecSchema>
  status?: FromSchema<typeof clusterStatusSchema>
}

/** One item of `spec.workerNodeGroupConfigurations`. */
export type WorkerGroup = NonNullable<Cluster['spec']['workerNodeGroupConfigurations']>[number]

/** Cluster: a Kubernetes cluster that EKS Anywhere makes and keeps. */
export const clusterKind = defineKind({
  group: eksaGroup,
  version: eksaVersion,
  kind: 'Cluster',
  plural: 'clusters',
  description: 'A Kubernetes cluster and its groups of machines.',
  spec: clusterSpecSchema,
  status: clusterStatusSchema,
  rules: clusterRules,
  updateRules: clusterUpdateRules,
  *warnings({ spec }) {
    const count = spec.controlPlaneConfiguration?.count
    if (count !== undefined && count !== 3 && count !== 5) {
      yield `spec.controlPlaneConfiguration.count: ${count}: 3 or 5 control plane machines are recommended`
    }
    if (spec.licenseToken) yield 'spec.licenseToken is a secret and will not be written to Git'
    if (spec.clusterNetwork?.cni) yield 'spec.clusterNetwork.cni is deprecated: it is rewritten as cniConfig'
  },
  defaults(cluster) {
    const { metadata, spec } = cluster
    metadata.namespace ??= 'default'
    for (const [i, group] of (spec.workerNodeGroupConfigurations ?? []).entries()) {
      if (i === 0) group.name ||= 'md-0'
      // With autoscaling the count is where the autoscaler starts; without a count it starts at the minimum.
      group.count ??= group.autoscalingConfiguration === undefined ? 1 : (group.autoscalingConfiguration.minCount ?? 0)
    }
    const network = spec.clusterNetwork
    if (network?.cni && network.cniConfig === undefined) {
      network.cniConfig = network.cni === 'kindnetd' ? { kindnetd: {} } : { cilium: {} }
      delete network.cni
    }
    const mirror = spec.registryMirrorConfiguration
    if (mirror !== undefined) mirror.port ||= '443'
  },
})

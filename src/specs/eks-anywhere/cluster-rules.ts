import type { FieldError } from '../../kube/field-error.ts'
import { forbidden, invalid, notSupported, required } from '../../kube/field-errors.ts'
import { labelName } from '../../kube/structural/index.ts'
import type { Rule } from '../kind.ts'
import type { Cluster } from './cluster.ts'
import { networkRules } from './cluster-network-rules.ts'
import { minorOf } from './kubernetes-version.ts'
import { providerOf, providers } from './providers.ts'
import { workerRules } from './worker-rules.ts'

const cp = 'spec.controlPlaneConfiguration'

/** What a schema cannot say about a Cluster. Messages are EKS Anywhere's where it has one. */
export const clusterRules: readonly Rule<Cluster>[] = [
  {
    name: 'name',
    says: 'The name starts with a letter, has lower case letters, digits and `-`, and at most 35 characters.',
    *check({ metadata }) {
      const name = metadata.name ?? ''
      if (name.length > 35) {
        yield invalid('metadata.name', name, `number of characters in ${name} should be less than 36`)
      } else if (!/^[a-z]/.test(name) || labelName(name).length > 0) {
        const detail =
          "not a valid cluster name: it must start with a lower case letter and contain only lower case letters, digits and '-'"
        yield invalid('metadata.name', name, detail)
      }
    },
  },
  {
    name: 'kubernetes-version',
    says: 'The Kubernetes version is a minor version in quotes, such as `"1.32"`.',
    *check({ spec }) {
      const version = spec.kubernetesVersion
      if (version === undefined) yield required('spec.kubernetesVersion', 'a minor version such as "1.32"')
      else if (minorOf(version) === undefined) {
        yield invalid('spec.kubernetesVersion', version, 'expected a minor version such as "1.32"')
      }
    },
  },
  {
    name: 'datacenter',
    says: 'The datacenter is of a known kind and has a name.',
    *check({ spec }) {
      const { kind, name } = spec.datacenterRef ?? {}
      if (!kind) yield required('spec.datacenterRef.kind', 'the kind of the datacenter config')
      else if (providerOf(kind) === undefined) {
        yield notSupported(
          'spec.datacenterRef.kind',
          kind,
          providers.map(provider => provider.datacenter),
        )
      }
      if (!name) yield required('spec.datacenterRef.name', 'the name of the datacenter config')
    },
  },
  {
    name: 'control-plane-count',
    says: 'The control plane has at least one machine, and an odd number of them unless etcd has its own.',
    *check({ spec }) {
      const count = spec.controlPlaneConfiguration?.count
      if (count === undefined) yield required(`${cp}.count`, 'control plane node count must be given')
      else if (count <= 0) yield invalid(`${cp}.count`, count, 'control plane node count must be positive')
      else if (spec.externalEtcdConfiguration === undefined && count % 2 === 0) {
        const detail = 'control plane node count cannot be an even number when using stacked etcd topology'
        yield invalid(`${cp}.count`, count, detail)
      }
    },
  },
  {
    name: 'control-plane-endpoint',
    says: 'Every provider but Docker needs the address of the API server; Docker has none.',
    *check({ spec }) {
      const provider = providerOf(spec.datacenterRef?.kind)
      const host = spec.controlPlaneConfiguration?.endpoint?.host
      if (provider === undefined) return
      if (provider.name === 'docker') {
        if (host) yield forbidden(`${cp}.endpoint`, 'specifying endpoint host configuration in Docker is not supported')
      } else if (!host) {
        yield required(`${cp}.endpoint.host`, 'cluster controlPlaneConfiguration.Endpoint.Host is not set or is empty')
      }
    },
  },
  {
    name: 'machine-groups',
    says: 'Every group of machines names a machine config of the provider; Docker has none.',
    *check({ spec }) {
      yield* checkMachineRef(
        spec,
        `${cp}.machineGroupRef`,
        spec.controlPlaneConfiguration?.machineGroupRef,
        'control plane',
      )
      const etcd = spec.externalEtcdConfiguration
      if (etcd !== undefined) {
        yield* checkMachineRef(
          spec,
          'spec.externalEtcdConfiguration.machineGroupRef',
          etcd.machineGroupRef,
          'etcd machines',
        )
      }
      for (const [i, group] of (spec.workerNodeGroupConfigurations ?? []).entries()) {
        const field = `spec.workerNodeGroupConfigurations[${i}].machineGroupRef`
        yield* checkMachineRef(spec, field, group.machineGroupRef, 'worker nodes')
      }
    },
  },
  {
    name: 'external-etcd-count',
    says: 'External etcd has an odd number of machines.',
    *check({ spec }) {
      const etcd = spec.externalEtcdConfiguration
      if (etcd === undefined) return
      const field = 'spec.externalEtcdConfiguration.count'
      if (etcd.count === undefined) yield required(field, 'no value set for etcd replicas')
      else if (etcd.count <= 0) yield invalid(field, etcd.count, 'etcd node count must be positive')
      else if (etcd.count % 2 === 0) yield invalid(field, etcd.count, 'external etcd count cannot be an even number')
    },
  },
  {
    name: 'gitops-ref',
    says: 'gitOpsRef names a FluxConfig or a GitOpsConfig.',
    *check({ spec }) {
      const ref = spec.gitOpsRef
      if (ref === undefined) return
      if (ref.kind !== 'FluxConfig' && ref.kind !== 'GitOpsConfig') {
        const detail = 'only GitOpsConfig or FluxConfig Kind are supported at this time'
        yield invalid('spec.gitOpsRef.kind', ref.kind ?? '', detail)
      }
      if (!ref.name) {
        yield required('spec.gitOpsRef.name', "GitOpsRef name can't be empty; specify a valid GitOpsConfig name")
      }
    },
  },
  {
    name: 'identity-providers',
    says: 'Identity providers are at most one OIDCConfig and at most one AWSIamConfig.',
    *check({ spec }) {
      const seen = new Set<string>()
      for (const [i, { kind, name }] of (spec.identityProviderRefs ?? []).entries()) {
        const field = `spec.identityProviderRefs[${i}]`
        if (kind !== 'OIDCConfig' && kind !== 'AWSIamConfig') {
          yield notSupported(`${field}.kind`, kind ?? '', ['OIDCConfig', 'AWSIamConfig'])
        } else if (seen.has(kind)) yield invalid(`${field}.kind`, kind, 'stands more than once')
        if (!name) yield required(`${field}.name`, 'specify a valid name')
        seen.add(kind ?? '')
      }
    },
  },
  {
    name: 'management-cluster',
    says: 'The name of the management cluster is a cluster name.',
    *check({ spec }) {
      const name = spec.managementCluster?.name
      if (name && labelName(name).length > 0)
        yield invalid('spec.managementCluster.name', name, 'not a valid cluster name')
    },
  },
  {
    name: 'component-versions',
    says: 'At most one of bundlesRef and eksaVersion is given, and eksaVersion is a version such as `v0.22.0`.',
    *check({ spec }) {
      if (spec.bundlesRef !== undefined && spec.eksaVersion !== undefined) {
        yield invalid(
          'spec.eksaVersion',
          spec.eksaVersion,
          'cannot pass both bundlesRef and eksaVersion. New clusters should use eksaVersion instead of bundlesRef',
        )
      }
      if (spec.eksaVersion !== undefined && !/^v\d+\.\d+\.\d+([-+][0-9A-Za-z.-]+)*$/.test(spec.eksaVersion)) {
        yield invalid('spec.eksaVersion', spec.eksaVersion, 'expected a version such as v0.22.0')
      }
    },
  },
  ...networkRules,
  ...workerRules,
]

function* checkMachineRef(
  spec: Cluster['spec'],
  field: string,
  ref: { kind?: string; name?: string } | undefined,
  what: string,
): Iterable<FieldError> {
  const provider = providerOf(spec.datacenterRef?.kind)
  if (provider === undefined) return
  if (provider.machine === undefined) {
    if (ref !== undefined) yield forbidden(field, `machineGroupRef for ${what} in Docker is not supported`)
    return
  }
  if (!ref?.name) {
    yield required(ref === undefined ? field : `${field}.name`, `must specify machineGroupRef for ${what}`)
  } else if (ref.kind !== provider.machine) yield notSupported(`${field}.kind`, ref.kind ?? '', [provider.machine])
}

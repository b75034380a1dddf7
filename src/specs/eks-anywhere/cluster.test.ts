import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { formatFieldError } from '../../kube/field-error-format.ts'
import type { KubeObject } from '../../kube/object.ts'
import { parseYamlStream } from '../../kube/yaml/index.ts'
import { type Cluster, clusterKind } from './cluster.ts'
import { fluxConfigKind } from './flux-config.ts'
import { gitOpsConfigKind } from './gitops-config.ts'

const file = (name: string) =>
  parseYamlStream(readFileSync(`examples/eks-anywhere/${name}.yaml`)).map(document => document.value as KubeObject)
const cluster = (name = 'mgmt'): Cluster => structuredClone(file(name)[0]) as Cluster

/** What is wrong with an example after an edit. */
function errorsAfter(edit: (spec: Cluster['spec'], cluster: Cluster) => void, name = 'mgmt'): string[] {
  const object = cluster(name)
  edit(object.spec, object)
  return clusterKind.validate(object).map(formatFieldError)
}

const group = (spec: Cluster['spec'], i = 0) => spec.workerNodeGroupConfigurations![i]!

describe('a Cluster', () => {
  it('of the examples has no errors', () => {
    for (const name of ['mgmt', 'prod', 'staging']) expect(clusterKind.validate(cluster(name))).toEqual([])
  })

  const wrong: [string, (spec: Cluster['spec'], cluster: Cluster) => void, string][] = [
    ['a name of 36 characters', (_, c) => (c.metadata.name = 'a'.repeat(36)), 'should be less than 36'],
    ['a name that starts with a digit', (_, c) => (c.metadata.name = '1a'), 'not a valid cluster name'],
    ['a name with upper case letters', (_, c) => (c.metadata.name = 'Prod'), 'metadata.name: Invalid value: "Prod"'],
    ['no Kubernetes version', spec => delete spec.kubernetesVersion, 'spec.kubernetesVersion: Required value'],
    ['a patch version', spec => (spec.kubernetesVersion = '1.32.1'), 'expected a minor version such as "1.32"'],
    [
      'an unknown provider',
      spec => (spec.datacenterRef!.kind = 'GcpDatacenterConfig'),
      'supported values: "DockerDatacenterConfig"',
    ],
    [
      'no control plane',
      spec => delete spec.controlPlaneConfiguration,
      'spec.controlPlaneConfiguration.count: Required value',
    ],
    [
      'no control plane machines',
      spec => (spec.controlPlaneConfiguration!.count = 0),
      'control plane node count must be positive',
    ],
    [
      'two control plane machines',
      spec => (spec.controlPlaneConfiguration!.count = 2),
      'cannot be an even number when using stacked etcd',
    ],
    ['no endpoint', spec => delete spec.controlPlaneConfiguration!.endpoint, 'Endpoint.Host is not set or is empty'],
    [
      'no machine config for workers',
      spec => delete group(spec).machineGroupRef,
      'must specify machineGroupRef for worker nodes',
    ],
    [
      'a machine config of another provider',
      spec => (group(spec).machineGroupRef!.kind = 'SnowMachineConfig'),
      'supported values: "VSphereMachineConfig"',
    ],
    [
      'no workers',
      spec => (spec.workerNodeGroupConfigurations = []),
      'WorkerNodeGroupConfigs cannot be empty for VSphereDatacenterConfig',
    ],
    [
      'a negative number of workers',
      spec => (group(spec).count = -1),
      'worker node count must be zero or greater if autoscaling is not enabled',
    ],
    [
      'etcd machines in an even number',
      spec => (spec.externalEtcdConfiguration = { count: 2, machineGroupRef: group(spec).machineGroupRef! }),
      'external etcd count cannot be an even number',
    ],
    ['no pods network', spec => delete spec.clusterNetwork!.pods, 'Pods CIDR block not specified or empty'],
    [
      'two services networks',
      spec => (spec.clusterNetwork!.services!.cidrBlocks = ['10.0.0.0/16', '10.1.0.0/16']),
      'multiple CIDR blocks for Services are not yet supported',
    ],
    [
      'a network that is none',
      spec => (spec.clusterNetwork!.pods!.cidrBlocks = ['10.0.0.0/33']),
      'invalid CIDR block format for Pods',
    ],
    ['no network plugin', spec => delete spec.clusterNetwork!.cniConfig, 'cni not specified'],
    ['both forms of the network plugin', spec => (spec.clusterNetwork!.cni = 'cilium'), 'use only the CNIConfig field'],
    [
      'kindnetd outside of Docker',
      spec => (spec.clusterNetwork!.cniConfig = { kindnetd: {} }),
      'kindnetd is only supported with Docker',
    ],
    ['a proxy for HTTP only', spec => (spec.proxyConfiguration = { httpProxy: 'p:1' }), 'no value set for httpsProxy'],
    [
      'a bad registry port',
      spec => (spec.registryMirrorConfiguration = { endpoint: 'r', port: '70000' }),
      'registry mirror port is invalid',
    ],
    [
      'two versions of the components',
      spec =>
        Object.assign(spec, { eksaVersion: 'v0.22.0', bundlesRef: { apiVersion: 'a', name: 'b', namespace: 'c' } }),
      'cannot pass both bundlesRef and eksaVersion',
    ],
    [
      'an unknown identity provider',
      spec => (spec.identityProviderRefs = [{ kind: 'LDAP', name: 'x' }]),
      'supported values: "OIDCConfig", "AWSIamConfig"',
    ],
    ['a gitOpsRef without a name', spec => delete spec.gitOpsRef!.name, "GitOpsRef name can't be empty"],
    [
      'a newer version of workers',
      spec => (group(spec).kubernetesVersion = '1.33'),
      'cannot be newer than that of the control plane, 1.32',
    ],
    [
      'a much older version of workers',
      spec => (group(spec).kubernetesVersion = '1.29'),
      'must be within two minor versions',
    ],
    [
      'a taint without an effect that exists',
      spec => (group(spec).taints = [{ key: 'a', effect: 'Nope' }]),
      'supported values: "NoSchedule"',
    ],
    [
      'only workers that repel everything',
      spec => (group(spec).taints = [{ key: 'a', effect: 'NoSchedule' }]),
      'must not have NoExecute and/or NoSchedule taints',
    ],
    [
      'a label that is none',
      spec => (group(spec).labels = { 'a b': 'c' }),
      'spec.workerNodeGroupConfigurations[0].labels: Invalid value: "a b"',
    ],
    [
      'a rollout that cannot move',
      spec =>
        (group(spec).upgradeRolloutStrategy = {
          type: 'RollingUpdate',
          rollingUpdate: { maxSurge: 0, maxUnavailable: 0 },
        }),
      'cannot both be 0',
    ],
  ]
  for (const [what, edit, message] of wrong) {
    it(`is refused with ${what}`, () => {
      const errors = errorsAfter(edit)
      expect(errors.join('\n')).toContain(message)
      expect(errors.length).toBeLessThanOrEqual(what === 'no control plane' ? 3 : what.includes('upper case') ? 2 : 1)
    })
  }

  it('may have groups of zero machines, and control planes of any number with etcd elsewhere', () => {
    expect(errorsAfter(spec => (group(spec).count = 0))).toEqual([])
    expect(
      errorsAfter(spec => {
        spec.externalEtcdConfiguration = { count: 3, machineGroupRef: { kind: 'VSphereMachineConfig', name: 'e' } }
        spec.controlPlaneConfiguration!.count = 2
      }),
    ).toEqual([])
  })

  it('of Docker has neither endpoint nor machine configs', () => {
    const docker = (spec: Cluster['spec']) => {
      spec.datacenterRef = { kind: 'DockerDatacenterConfig', name: 'x' }
    }
    expect(errorsAfter(docker)).toEqual([
      'spec.controlPlaneConfiguration.endpoint: Forbidden: specifying endpoint host configuration in Docker is not supported',
      'spec.controlPlaneConfiguration.machineGroupRef: Forbidden: machineGroupRef for control plane in Docker is not supported',
      'spec.workerNodeGroupConfigurations[0].machineGroupRef: Forbidden: machineGroupRef for worker nodes in Docker is not supported',
    ])
  })

  it('needs a name for every group but the first, and no name twice', () => {
    expect(errorsAfter(spec => delete group(spec).name)).toEqual([])
    expect(errorsAfter(spec => delete group(spec, 1).name, 'prod')).toEqual([
      'spec.workerNodeGroupConfigurations[1].name: Required value: must specify name for worker nodes',
    ])
    expect(errorsAfter(spec => (group(spec, 1).name = 'web'), 'prod')).toEqual([
      'spec.workerNodeGroupConfigurations[1].name: Invalid value: "web": worker node group names must be unique',
    ])
  })

  const scaling: [number | undefined, number, number, string | undefined][] = [
    [2, 1, 5, undefined],
    [undefined, 0, 0, undefined],
    [undefined, 2, 5, undefined],
    [2, -1, 5, 'min count must be non negative'],
    [2, 6, 5, 'min count must be no greater than max count'],
    [1, 2, 5, 'min count must be less than or equal to count'],
    [6, 1, 5, 'max count must be greater than or equal to count'],
  ]
  for (const [count, minCount, maxCount, message] of scaling) {
    it(`with count ${count} between ${minCount} and ${maxCount} ${message === undefined ? 'is fine' : `says: ${message}`}`, () => {
      const errors = errorsAfter(spec => {
        const batch = group(spec, 1)
        if (count === undefined) delete batch.count
        else batch.count = count
        batch.autoscalingConfiguration = { minCount, maxCount }
      }, 'prod')
      if (message === undefined) expect(errors).toEqual([])
      else expect(errors).toEqual([expect.stringContaining(`validating autoscaling configuration: ${message}`)])
    })
  }

  it('gets the documented defaults', () => {
    const object = cluster('prod')
    delete object.metadata.namespace
    const [web, batch] = [group(object.spec), group(object.spec, 1)]
    delete web.name
    delete web.count
    delete batch.count
    object.spec.clusterNetwork = { ...object.spec.clusterNetwork, cni: 'cilium' }
    delete object.spec.clusterNetwork.cniConfig
    object.spec.registryMirrorConfiguration = { endpoint: 'r.example' }
    const full = clusterKind.applyDefaults(object)
    expect(full.metadata.namespace).toBe('default')
    expect(full.spec.workerNodeGroupConfigurations?.map(({ name, count }) => [name, count])).toEqual([
      ['md-0', 1],
      ['batch', 1],
    ])
    expect(full.spec.clusterNetwork).toMatchObject({ cniConfig: { cilium: {} } })
    expect(full.spec.clusterNetwork).not.toHaveProperty('cni')
    expect(full.spec.registryMirrorConfiguration?.port).toBe('443')
    expect(clusterKind.applyDefaults(full)).toEqual(full)
  })
})

/** What is wrong with a change of an example. */
function updateErrors(
  edit: (spec: Cluster['spec'], cluster: Cluster) => void,
  name = 'prod',
  annotations = {},
): string[] {
  const old = cluster(name)
  old.metadata.annotations = { ...annotations }
  const object = structuredClone(old)
  edit(object.spec, object)
  return clusterKind.validateUpdate(object, old).map(formatFieldError)
}

const paused = { 'anywhere.eks.amazonaws.com/paused': 'true' }

describe('a change of a Cluster', () => {
  it('may scale, and add and remove groups', () => {
    expect(updateErrors(spec => (group(spec).count = 9))).toEqual([])
    expect(updateErrors(spec => spec.workerNodeGroupConfigurations!.pop())).toEqual([])
    expect(updateErrors(spec => spec.workerNodeGroupConfigurations!.push({ ...group(spec), name: 'new' }))).toEqual([])
  })

  const fixed: [string, (spec: Cluster['spec']) => void][] = [
    ['spec.datacenterRef', spec => (spec.datacenterRef!.name = 'x')],
    ['spec.controlPlaneConfiguration.endpoint', spec => (spec.controlPlaneConfiguration!.endpoint!.host = 'x')],
    ['spec.clusterNetwork.pods', spec => (spec.clusterNetwork!.pods!.cidrBlocks = ['10.0.0.0/8'])],
    ['spec.clusterNetwork.services', spec => (spec.clusterNetwork!.services!.cidrBlocks = ['10.0.0.0/8'])],
    ['spec.clusterNetwork.dns', spec => (spec.clusterNetwork!.dns = { resolvConf: { path: '/x' } })],
    ['spec.clusterNetwork.nodes', spec => (spec.clusterNetwork!.nodes = { cidrMaskSize: 24 })],
    ['spec.proxyConfiguration', spec => (spec.proxyConfiguration = { httpProxy: 'a', httpsProxy: 'b' })],
    ['spec.managementCluster', spec => (spec.managementCluster!.name = 'x')],
    ['spec.externalEtcdConfiguration', spec => (spec.externalEtcdConfiguration = { count: 3 })],
    ['spec.gitOpsRef', spec => delete spec.gitOpsRef],
  ]
  for (const [field, edit] of fixed) {
    it(`may not touch ${field}, unless the cluster is paused`, () => {
      expect(updateErrors(edit)).toEqual([expect.stringContaining(`${field}: Forbidden: `)])
      expect(updateErrors(edit, 'prod', paused)).toEqual([])
    })
  }

  it('may change gitOpsRef of a management cluster', () => {
    expect(updateErrors(spec => (spec.gitOpsRef!.name = 'x'), 'mgmt')).toEqual([])
  })

  it('takes a management cluster that names itself for one that names none', () => {
    expect(updateErrors(spec => delete spec.managementCluster, 'mgmt')).toEqual([])
    expect(updateErrors(spec => delete spec.managementCluster, 'prod')).toHaveLength(1)
  })

  it('raises Kubernetes by one minor version at a time', () => {
    expect(updateErrors(spec => (spec.kubernetesVersion = '1.33'))).toEqual([])
    expect(updateErrors(spec => (spec.kubernetesVersion = '1.34'))[0]).toContain(
      'only +1 minor version skew is supported',
    )
    expect(updateErrors(spec => (spec.kubernetesVersion = '1.31'))[0]).toContain('downgrade is not supported')
    expect(updateErrors(spec => (group(spec).kubernetesVersion = '1.31'))[0]).toContain('downgrade is not supported')
  })

  it('raises eksaVersion by one minor version at a time, and never takes it away', () => {
    const from = (version: string | undefined, to: string | undefined, annotations = {}) => {
      const old = cluster('prod')
      old.spec.eksaVersion = version
      const object = structuredClone(old)
      object.spec.eksaVersion = to
      object.metadata.annotations = annotations
      return clusterKind.validateUpdate(object, old).map(formatFieldError).join()
    }
    expect(from('v0.21.0', 'v0.22.1')).toBe('')
    expect(from(undefined, 'v0.22.0')).toBe('')
    expect(from('v0.21.0', 'v0.23.0')).toContain('skew of 1 minor version')
    expect(from('v0.21.0', 'v0.20.0')).toContain('cannot downgrade')
    expect(from('v0.21.0', undefined)).toContain('cannot be removed')
    expect(from('v0.21.0', 'v0.23.0', { 'anywhere.eks.amazonaws.com/skip-eksa-version-skew-check': 'true' })).toBe('')
  })

  it('on bare metal cannot scale and upgrade at once, nor change labels or taints', () => {
    const metal = (edit: (spec: Cluster['spec']) => void) => {
      const old = cluster('prod')
      old.spec.datacenterRef!.kind = 'TinkerbellDatacenterConfig'
      const object = structuredClone(old)
      edit(object.spec)
      return clusterKind.validateUpdate(object, old).map(formatFieldError).join()
    }
    const both = (spec: Cluster['spec']) => {
      spec.kubernetesVersion = '1.33'
      group(spec).count = 9
    }
    expect(metal(both)).toContain('cannot perform scale up or down during rolling upgrades')
    expect(metal(spec => (group(spec).count = 9))).toBe('')
    expect(metal(spec => (group(spec).labels = {}))).toContain('workerNodeGroupConfigurations[0].labels: Forbidden')
  })
})

describe('a change of a FluxConfig or GitOpsConfig', () => {
  it('is refused, but for metadata', () => {
    const flux = file('mgmt').at(-1)!
    const changed = { ...flux, spec: { ...(flux['spec'] as object), branch: 'other' } }
    expect(fluxConfigKind.validateUpdate(changed, flux).map(formatFieldError)).toEqual([
      'FluxConfig: Forbidden: config is immutable',
    ])
    expect(
      fluxConfigKind.validateUpdate({ ...flux, metadata: { ...flux.metadata, labels: { a: 'b' } } }, flux),
    ).toEqual([])
    const old = { ...flux, kind: 'GitOpsConfig', spec: { flux: { github: { owner: 'a', repository: 'b' } } } }
    const moved = { ...old, spec: { flux: { github: { owner: 'a', repository: 'c' } } } }
    expect(gitOpsConfigKind.validateUpdate(moved, old).map(formatFieldError)).toEqual([
      'GitOpsConfig: Forbidden: config is immutable',
    ])
  })
})

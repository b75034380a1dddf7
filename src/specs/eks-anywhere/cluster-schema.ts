import { anything, flag, integer, list, object, text, textMap } from '../schema.ts'
import { clusterApiConditions, generation, machineHealthCheck, reference, taints } from './shared.ts'

const cidrBlocks = (description: string) =>
  object(description, { cidrBlocks: list('Exactly one block.', text('A block in CIDR notation.')) })

const controlPlane = object('The control plane.', {
  apiServerExtraArgs: textMap('Further arguments of the API server.'),
  auditPolicyContent: text('An audit policy, as YAML.'),
  certSans: list('Further names and addresses in the certificate of the API server.', text('A name or address.')),
  count: integer('Number of control plane machines. Odd, unless etcd has machines of its own.'),
  endpoint: object('Where the API server is reached.', { host: text('Address or host name, with an optional port.') }, [
    'host',
  ]),
  kubeletConfiguration: anything('Configuration of the kubelet.'),
  labels: textMap('Labels of the nodes.'),
  machineGroupRef: reference('The machine config. Required unless the provider is Docker.'),
  machineHealthCheck: machineHealthCheck('When machines of the control plane are replaced.'),
  skipAdmissionForSystemResources: flag('Leave system resources out of admission.'),
  skipLoadBalancerDeployment: flag('Do not install a load balancer for the endpoint.'),
  taints: taints('Taints of the nodes.'),
  upgradeRolloutStrategy: object('How machines are replaced in an upgrade.', {
    rollingUpdate: object(
      'With type RollingUpdate.',
      { maxSurge: integer('How many machines may be added at once.') },
      ['maxSurge'],
    ),
    type: text('`RollingUpdate` or `InPlace`.'),
  }),
})

const workerGroup = object('One group of equal machines.', {
  autoscalingConfiguration: object('Leaves the number of machines to the cluster autoscaler, within bounds.', {
    maxCount: integer('Most machines.'),
    minCount: integer('Fewest machines.'),
  }),
  count: integer('Number of machines. Default: `autoscalingConfiguration.minCount` if that is set, else 1.'),
  failureDomains: list('Failure domains over which the machines are spread.', text('Name of a failure domain.')),
  kubeletConfiguration: anything('Configuration of the kubelet.'),
  kubernetesVersion: text('Version of the group when it is not that of the control plane.'),
  labels: textMap('Labels of the nodes.'),
  machineGroupRef: reference('The machine config. Required unless the provider is Docker.'),
  machineHealthCheck: machineHealthCheck('When machines of the group are replaced.'),
  name: text('Name of the group, unique in the cluster. Default for the first group: `md-0`.'),
  taints: taints('Taints of the nodes.'),
  upgradeRolloutStrategy: object('How machines are replaced in an upgrade.', {
    rollingUpdate: object(
      'With type RollingUpdate.',
      {
        maxSurge: integer('How many machines may be added at once.'),
        maxUnavailable: integer('How many machines may be missing at once.'),
      },
      ['maxSurge', 'maxUnavailable'],
    ),
    type: text('`RollingUpdate` or `InPlace`.'),
  }),
})

const clusterNetwork = object('The network of the cluster.', {
  cni: text('Old form of `cniConfig`: `cilium` or `kindnetd`. It is rewritten to `cniConfig`.'),
  cniConfig: object('The network plugin: exactly one.', {
    cilium: object('Cilium.', {
      cniExclusive: flag('Remove the configuration of other plugins.'),
      egressMasqueradeInterfaces: text('Interfaces on which traffic that leaves is masqueraded.'),
      helmValues: {
        description: 'Further values of the Cilium chart.',
        'x-kubernetes-preserve-unknown-fields': true,
      },
      ipv4NativeRoutingCIDR: text('Block that is routed without encapsulation.'),
      ipv6NativeRoutingCIDR: text('Block that is routed without encapsulation.'),
      policyEnforcementMode: text('`default`, `always` or `never`.'),
      routingMode: text('`default`, `overlay` or `direct`.'),
      skipUpgrade: flag('Leave Cilium alone in upgrades.'),
    }),
    kindnetd: object('kindnetd; only with Docker.', {}),
  }),
  dns: object('Name resolution.', {
    resolvConf: object('The resolv.conf of pods.', { path: text('Path on the machine.') }),
  }),
  nodes: object('Addresses of nodes.', { cidrMaskSize: integer('Size of the mask of each node.') }),
  pods: cidrBlocks('Addresses of pods.'),
  services: cidrBlocks('Addresses of services.'),
})

const resourceList = (description: string) => object(description, { cpu: text('Processor.'), memory: text('Memory.') })

const packages = object('Curated packages.', {
  controller: object('The package controller.', {
    digest: text('Digest of the image.'),
    disableWebhooks: flag('Run without webhooks.'),
    env: list('Environment variables.', text('`NAME=value`.')),
    repository: text('Repository of the image.'),
    resources: object('Resources.', { limits: resourceList('Limits.'), requests: resourceList('Requests.') }),
    tag: text('Tag of the image.'),
  }),
  cronjob: object('The job that refreshes credentials.', {
    digest: text('Digest of the image.'),
    disable: flag('Do not run it.'),
    repository: text('Repository of the image.'),
    tag: text('Tag of the image.'),
  }),
  disable: flag('No packages.'),
})

const etcdEncryption = list(
  'Encryption of objects in etcd. Not at creation.',
  object(
    'One set of resources.',
    {
      providers: list(
        'Who encrypts.',
        object(
          'One provider.',
          {
            kms: object(
              'A key management service.',
              {
                cachesize: integer('Number of keys that are kept.', { format: 'int32' }),
                name: text('Name of the plugin.'),
                socketListenAddress: text('Socket of the plugin.'),
                timeout: text('How long a call may take.'),
              },
              ['name', 'socketListenAddress'],
            ),
          },
          ['kms'],
        ),
      ),
      resources: list('What is encrypted.', text('A resource.')),
    },
    ['providers', 'resources'],
  ),
)

const registryMirror = object('A registry that is used instead of the public ones.', {
  authenticate: flag('Log in to it.'),
  caCertContent: text('Certificate of its authority, as PEM.'),
  endpoint: text('Host name or address.'),
  insecureSkipVerify: flag('Do not check its certificate.'),
  ociNamespaces: list(
    'Where the content of other registries stands in it.',
    object('One.', { namespace: text('Namespace in the mirror.'), registry: text('Registry that is mirrored.') }, [
      'namespace',
      'registry',
    ]),
  ),
  port: text('Port; `443` when absent.'),
})

/** `spec` of a Cluster. */
export const clusterSpecSchema = object('What the cluster should be.', {
  bundlesRef: object(
    'A set of component versions; `eksaVersion` replaces it.',
    { apiVersion: text('API version.'), name: text('Name.'), namespace: text('Namespace.') },
    ['apiVersion', 'name', 'namespace'],
  ),
  clusterNetwork,
  controlPlaneConfiguration: controlPlane,
  datacenterRef: reference('The datacenter config: it decides the provider.'),
  eksaVersion: text('Version of EKS Anywhere, e.g. `v0.22.0`.'),
  etcdEncryption,
  externalEtcdConfiguration: object('etcd on machines of its own.', {
    count: integer('Number of etcd machines: odd.'),
    machineGroupRef: reference('The machine config. Required unless the provider is Docker.'),
  }),
  gitOpsRef: reference('The FluxConfig (or GitOpsConfig) that says where the cluster is kept in Git.'),
  identityProviderRefs: list('Who logs people in.', reference('An OIDCConfig or an AWSIamConfig.')),
  kubernetesVersion: text('Minor version of Kubernetes, e.g. `"1.32"`.'),
  licenseToken: text('Token of an Enterprise Subscription. A secret: it cannot stand in Git.'),
  machineHealthCheck: machineHealthCheck('When machines are replaced.'),
  managementCluster: object('The cluster that manages this one.', {
    name: text('Its name; the own name, or nothing, for a management cluster.'),
  }),
  packages,
  podIamConfig: object('IAM roles for service accounts.', { serviceAccountIssuer: text('Address of the issuer.') }, [
    'serviceAccountIssuer',
  ]),
  proxyConfiguration: object('The proxy to the internet.', {
    httpProxy: text('Proxy for HTTP, `host:port`.'),
    httpsProxy: text('Proxy for HTTPS, `host:port`.'),
    noProxy: list('What is reached without it.', text('A name, address or block.')),
  }),
  registryMirrorConfiguration: registryMirror,
  workerNodeGroupConfigurations: list('The groups of worker machines.', workerGroup),
})

/** `status` of a Cluster. */
export const clusterStatusSchema = object('What the cluster is.', {
  childrenReconciledGeneration: generation('Sum of the generations of the objects it refers to, as last reconciled.'),
  clusterCertificateInfo: list(
    'When certificates end.',
    object('One machine.', { expiresInDays: integer('Days left.'), machine: text('Name of the machine.') }, [
      'expiresInDays',
      'machine',
    ]),
  ),
  conditions: clusterApiConditions,
  eksdReleaseRef: object(
    'The Kubernetes release that is used.',
    { apiVersion: text('API version.'), kind: text('Kind.'), name: text('Name.'), namespace: text('Namespace.') },
    ['apiVersion', 'kind', 'name', 'namespace'],
  ),
  failureMessage: text('Why the cluster cannot be reconciled.'),
  failureReason: text('The same in one word.'),
  observedGeneration: generation('The generation that was seen last.'),
  reconciledGeneration: generation('The generation that was reconciled to the end last.'),
})

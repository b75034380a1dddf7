import type { KubeObject } from '../kube/object.ts'
import type { EngineComponentsOptions } from './engine-components.ts'
import { engineName, enginePorts, engineSelector } from './engine-names.ts'
import type { EngineResources } from './engine-settings.ts'

type Labels = Readonly<Record<string, string>>

/** Four sources fetched at once and the watches of some thousand objects fit into it. */
const usualResources: EngineResources = {
  limits: { cpu: '2', memory: '1Gi' },
  requests: { cpu: '100m', memory: '256Mi' },
}

/** The Deployment, and what keeps it running: a budget for disruptions, and room for critical Pods. */
export function engineDeployment(options: EngineComponentsOptions, labels: Labels): KubeObject[] {
  const { systemNamespace: namespace, replicas = 2 } = options
  const selector = { matchLabels: engineSelector(namespace) }
  const budget: KubeObject = {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { labels, name: engineName, namespace },
    // Not `minAvailable: 1`: with one replica that would hold up every drain of a node.
    spec: { maxUnavailable: 1, selector },
  }
  // Where Pods of a critical class need a quota (GKE), this is it; as Flux has it.
  const quota: KubeObject = {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { labels, name: `critical-pods-${namespace}`, namespace },
    spec: {
      hard: { pods: '1000' },
      scopeSelector: {
        matchExpressions: [
          {
            operator: 'In',
            scopeName: 'PriorityClass',
            values: ['system-node-critical', 'system-cluster-critical'],
          },
        ],
      },
    },
  }
  const deployment: KubeObject = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { labels, name: engineName, namespace },
    spec: {
      replicas,
      selector,
      // A new Pod waits for the lease before an old one ends, and the old one gives it back: no gap.
      strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 }, type: 'RollingUpdate' },
      template: {
        metadata: {
          annotations: { 'prometheus.io/port': String(enginePorts.metrics), 'prometheus.io/scrape': 'true' },
          labels,
        },
        spec: podSpec(options, selector),
      },
    },
  }
  return [quota, budget, deployment]
}

function podSpec(options: EngineComponentsOptions, labelSelector: object): object {
  const { imagePullSecret, tolerationKeys = [] } = options
  const spread = (topologyKey: string) => ({
    labelSelector,
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: 'ScheduleAnyway',
  })
  return {
    containers: [container(options)],
    ...(imagePullSecret === undefined ? {} : { imagePullSecrets: [{ name: imagePullSecret }] }),
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    priorityClassName: 'system-cluster-critical',
    securityContext: {
      fsGroup: 1337,
      runAsGroup: 1337,
      runAsNonRoot: true,
      runAsUser: 1337,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    serviceAccountName: engineName,
    // Steps under way end within 5 s, then the lease is given back.
    terminationGracePeriodSeconds: 60,
    ...(tolerationKeys.length === 0 ? {} : { tolerations: tolerationKeys.map(key => ({ key, operator: 'Exists' })) }),
    // Two engines on one node, or in one zone, are lost together.
    topologySpreadConstraints: [spread('kubernetes.io/hostname'), spread('topology.kubernetes.io/zone')],
    volumes: [
      { name: 'data', ...dataVolume(options) },
      { emptyDir: {}, name: 'tmp' },
    ],
  }
}

function container(options: EngineComponentsOptions): object {
  const { image, logLevel = 'info', resources = usualResources } = options
  const probe = (path: string, rest: object = {}) => ({ httpGet: { path, port: 'health' }, ...rest })
  const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } })
  return {
    args: engineArguments(options),
    env: [
      field('POD_NAME', 'metadata.name'),
      field('POD_NAMESPACE', 'metadata.namespace'),
      // git, ssh and helm want a home that they can write to; the image's own file system is read-only.
      { name: 'HOME', value: '/tmp' },
      { name: 'SLUICE_LOG', value: logLevel },
    ],
    image,
    imagePullPolicy: 'IfNotPresent',
    livenessProbe: probe('/healthz', { failureThreshold: 3, periodSeconds: 10, timeoutSeconds: 5 }),
    name: 'engine',
    ports: Object.entries(enginePorts).map(([name, containerPort]) => ({ containerPort, name, protocol: 'TCP' })),
    readinessProbe: probe('/readyz', { periodSeconds: 5, timeoutSeconds: 5 }),
    resources,
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      privileged: false,
      readOnlyRootFilesystem: true,
    },
    volumeMounts: [
      { mountPath: '/data', name: 'data' },
      { mountPath: '/tmp', name: 'tmp' },
    ],
  }
}

/** What the container's program is told, after `sluice`. */
export function engineArguments(options: EngineComponentsOptions): string[] {
  const { systemNamespace, clusterDomain = 'cluster.local', defaultServiceAccount = 'default' } = options
  return [
    'engine',
    '--data=/data',
    '--log-encoding=json',
    `--system-namespace=${systemNamespace}`,
    `--default-service-account=${defaultServiceAccount}`,
    ...(options.crossNamespaceRefs === true ? ['--cross-namespace-refs'] : []),
    `--health-addr=:${enginePorts.health}`,
    `--metrics-addr=:${enginePorts.metrics}`,
    `--webhook-addr=:${enginePorts.webhooks}`,
    `--storage-addr=:${enginePorts.artifacts}`,
    `--storage-adv-addr=${engineName}.${systemNamespace}.svc.${clusterDomain}`,
  ]
}

/** Each Pod has its own: two engines cannot share a folder. */
function dataVolume({ dataSize = '2Gi', dataStorageClass }: EngineComponentsOptions): object {
  if (dataStorageClass === undefined) return { emptyDir: { sizeLimit: dataSize } }
  return {
    ephemeral: {
      volumeClaimTemplate: {
        spec: {
          accessModes: ['ReadWriteOnce'],
          resources: { requests: { storage: dataSize } },
          storageClassName: dataStorageClass,
        },
      },
    },
  }
}

import type { FieldSpec } from './fieldspec.ts'
import { emptyConfig, mergeConfigs, type NameReference, type TransformerConfig } from './transformer-config.ts'

/** The kinds with a pod template, and the path to the pod's spec in each. */
const podSpecs: Readonly<Record<string, string>> = {
  Pod: 'spec',
  Deployment: 'spec/template/spec',
  ReplicaSet: 'spec/template/spec',
  DaemonSet: 'spec/template/spec',
  StatefulSet: 'spec/template/spec',
  Job: 'spec/template/spec',
  CronJob: 'spec/jobTemplate/spec/template/spec',
  ReplicationController: 'spec/template/spec',
  PodTemplate: 'template/spec',
}

/** Specs for paths below the pod's spec, in the named kinds. */
function inPods(kinds: readonly string[], below: readonly string[]): FieldSpec[] {
  return kinds.flatMap(kind => below.map(path => ({ kind, path: `${podSpecs[kind]}/${path}` })))
}

const podKinds = ['PodTemplate', 'Deployment', 'ReplicaSet', 'DaemonSet', 'StatefulSet', 'Job', 'CronJob']
const versioned = (specs: FieldSpec[]): FieldSpec[] => specs.map(spec => ({ ...spec, version: 'v1' }))
const claimKinds = ['Pod', 'StatefulSet', 'Deployment', 'ReplicationController', 'CronJob', 'Job', 'DaemonSet']
const rbac = 'rbac.authorization.k8s.io'

function containerRefs(env: string, from: string, volumes: readonly string[]): string[] {
  const containers = ['containers', 'initContainers']
  return [
    ...volumes,
    ...containers.map(c => `${c}/env/valueFrom/${env}/name`),
    ...containers.map(c => `${c}/envFrom/${from}/name`),
  ]
}

const configMapPaths = containerRefs('configMapKeyRef', 'configMapRef', [
  'volumes/configMap/name',
  'volumes/projected/sources/configMap/name',
])
const secretPaths = containerRefs('secretKeyRef', 'secretRef', [
  'volumes/secret/secretName',
  'imagePullSecrets/name',
  'volumes/projected/sources/secret/name',
])

const scaleTargets: NameReference[] = ['Deployment', 'ReplicationController', 'ReplicaSet', 'StatefulSet'].map(
  kind => ({
    kind,
    fieldSpecs: [{ kind: 'HorizontalPodAutoscaler', path: 'spec/scaleTargetRef/name' }],
  }),
)

const nameReference: NameReference[] = [
  ...scaleTargets,
  {
    kind: 'ConfigMap',
    version: 'v1',
    fieldSpecs: [
      ...versioned(inPods(['Pod'], configMapPaths)),
      ...inPods(podKinds, configMapPaths),
      { kind: 'Node', path: 'spec/configSource/configMap' },
      { kind: 'Role', path: 'rules/resourceNames' },
      { kind: 'ClusterRole', path: 'rules/resourceNames' },
      { kind: 'Ingress', path: 'metadata/annotations/nginx.ingress.kubernetes.io\\/fastcgi-params-configmap' },
    ],
  },
  {
    kind: 'Secret',
    version: 'v1',
    fieldSpecs: [
      ...versioned(inPods(['Pod'], secretPaths)),
      ...inPods(podKinds, secretPaths),
      { kind: 'Ingress', path: 'spec/tls/secretName' },
      { kind: 'Ingress', path: 'metadata/annotations/ingress.kubernetes.io\\/auth-secret' },
      { kind: 'Ingress', path: 'metadata/annotations/nginx.ingress.kubernetes.io\\/auth-secret' },
      { kind: 'Ingress', path: 'metadata/annotations/nginx.ingress.kubernetes.io\\/auth-tls-secret' },
      { kind: 'ServiceAccount', path: 'imagePullSecrets/name' },
      { kind: 'StorageClass', path: 'parameters/secretName' },
      { kind: 'StorageClass', path: 'parameters/adminSecretName' },
      { kind: 'StorageClass', path: 'parameters/userSecretName' },
      { kind: 'StorageClass', path: 'parameters/secretRef' },
      { kind: 'Role', path: 'rules/resourceNames' },
      { kind: 'ClusterRole', path: 'rules/resourceNames' },
      {
        group: 'serving.knative.dev',
        version: 'v1',
        kind: 'Service',
        path: 'spec/template/spec/containers/env/valueFrom/secretKeyRef/name',
      },
      { kind: 'PersistentVolume', path: 'spec/azureFile/secretName' },
    ],
  },
  {
    kind: 'Service',
    version: 'v1',
    fieldSpecs: [
      { group: 'apps', kind: 'StatefulSet', path: 'spec/serviceName' },
      { kind: 'Ingress', path: 'spec/rules/http/paths/backend/serviceName' },
      { kind: 'Ingress', path: 'spec/backend/serviceName' },
      { kind: 'Ingress', path: 'spec/rules/http/paths/backend/service/name' },
      { kind: 'Ingress', path: 'spec/defaultBackend/service/name' },
      { group: 'apiregistration.k8s.io', kind: 'APIService', path: 'spec/service/name' },
      {
        group: 'admissionregistration.k8s.io',
        kind: 'ValidatingWebhookConfiguration',
        path: 'webhooks/clientConfig/service',
      },
      {
        group: 'admissionregistration.k8s.io',
        kind: 'MutatingWebhookConfiguration',
        path: 'webhooks/clientConfig/service',
      },
    ],
  },
  { group: rbac, kind: 'Role', fieldSpecs: [{ group: rbac, kind: 'RoleBinding', path: 'roleRef/name' }] },
  {
    group: rbac,
    kind: 'ClusterRole',
    fieldSpecs: [
      { group: rbac, kind: 'RoleBinding', path: 'roleRef/name' },
      { group: rbac, kind: 'ClusterRoleBinding', path: 'roleRef/name' },
    ],
  },
  {
    kind: 'ServiceAccount',
    version: 'v1',
    fieldSpecs: [
      { group: rbac, kind: 'RoleBinding', path: 'subjects' },
      { group: rbac, kind: 'ClusterRoleBinding', path: 'subjects' },
      ...inPods(claimKinds, ['serviceAccountName']),
    ],
  },
  {
    kind: 'PersistentVolumeClaim',
    version: 'v1',
    fieldSpecs: inPods(claimKinds, ['volumes/persistentVolumeClaim/claimName']),
  },
  {
    kind: 'PersistentVolume',
    version: 'v1',
    fieldSpecs: [
      { kind: 'PersistentVolumeClaim', path: 'spec/volumeName' },
      { kind: 'ClusterRole', path: 'rules/resourceNames' },
    ],
  },
  {
    group: 'storage.k8s.io',
    version: 'v1',
    kind: 'StorageClass',
    fieldSpecs: [
      { kind: 'PersistentVolume', path: 'spec/storageClassName' },
      { kind: 'PersistentVolumeClaim', path: 'spec/storageClassName' },
      { kind: 'StatefulSet', path: 'spec/volumeClaimTemplates/spec/storageClassName' },
    ],
  },
  {
    group: 'scheduling.k8s.io',
    version: 'v1',
    kind: 'PriorityClass',
    fieldSpecs: inPods(claimKinds, ['priorityClassName']),
  },
  {
    // The group is written so in kustomize; it never matches, so names of ingress classes are not followed.
    group: 'networking.k8s.io/v1',
    version: 'v1',
    kind: 'IngressClass',
    fieldSpecs: [{ kind: 'Ingress', path: 'spec/ingressClassName' }],
  },
  {
    group: 'admissionregistration.k8s.io',
    kind: 'ValidatingAdmissionPolicy',
    fieldSpecs: [
      { group: 'admissionregistration.k8s.io', kind: 'ValidatingAdmissionPolicyBinding', path: 'spec/policyName' },
    ],
  },
]

/** Where the templates of workloads have their metadata; `create` throughout. */
function templateMetadata(field: 'labels' | 'annotations', statefulSetGroup: string | undefined): FieldSpec[] {
  const specs: FieldSpec[] = [
    { version: 'v1', kind: 'ReplicationController', path: 'spec/template' },
    { kind: 'Deployment', path: 'spec/template' },
    { kind: 'ReplicaSet', path: 'spec/template' },
    { kind: 'DaemonSet', path: 'spec/template' },
    statefulSetGroup === undefined
      ? { kind: 'StatefulSet', path: 'spec/template' }
      : { group: statefulSetGroup, kind: 'StatefulSet', path: 'spec/template' },
    { group: 'batch', kind: 'Job', path: 'spec/template' },
    { group: 'batch', kind: 'CronJob', path: 'spec/jobTemplate' },
    { group: 'batch', kind: 'CronJob', path: 'spec/jobTemplate/spec/template' },
  ]
  return specs.map(spec => ({ ...spec, path: `${spec.path}/metadata/${field}`, create: true }))
}

const affinity = ['podAffinity', 'podAntiAffinity'].flatMap(kind => [
  `affinity/${kind}/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels`,
  `affinity/${kind}/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels`,
])
const podSelectors = ['Deployment', 'StatefulSet'].flatMap(kind =>
  [...affinity, 'topologySpreadConstraints/labelSelector/matchLabels'].map(path => ({
    group: 'apps',
    kind,
    path: `spec/template/spec/${path}`,
  })),
)
const networkPolicy = { group: 'networking.k8s.io', kind: 'NetworkPolicy' }
const claimLabels: FieldSpec = {
  group: 'apps',
  kind: 'StatefulSet',
  path: 'spec/volumeClaimTemplates[]/metadata/labels',
  create: true,
}

const templateLabels: FieldSpec[] = [...templateMetadata('labels', 'apps'), claimLabels]

const commonLabels: FieldSpec[] = [
  { path: 'metadata/labels', create: true },
  { version: 'v1', kind: 'Service', path: 'spec/selector', create: true },
  { version: 'v1', kind: 'ReplicationController', path: 'spec/selector', create: true },
  { kind: 'Deployment', path: 'spec/selector/matchLabels', create: true },
  { kind: 'ReplicaSet', path: 'spec/selector/matchLabels', create: true },
  { kind: 'DaemonSet', path: 'spec/selector/matchLabels', create: true },
  { group: 'apps', kind: 'StatefulSet', path: 'spec/selector/matchLabels', create: true },
  ...podSelectors,
  { group: 'batch', kind: 'Job', path: 'spec/selector/matchLabels' },
  { group: 'batch', kind: 'CronJob', path: 'spec/jobTemplate/spec/selector/matchLabels' },
  { group: 'policy', kind: 'PodDisruptionBudget', path: 'spec/selector/matchLabels' },
  { ...networkPolicy, path: 'spec/podSelector/matchLabels' },
  { ...networkPolicy, path: 'spec/ingress/from/podSelector/matchLabels' },
  { ...networkPolicy, path: 'spec/egress/to/podSelector/matchLabels' },
  ...templateLabels,
]

const varKinds = ['CronJob', 'DaemonSet', 'Deployment', 'Job', 'Pod', 'ReplicaSet', 'StatefulSet']
const varPaths = ['containers', 'initContainers'].flatMap(c =>
  ['args', 'command', 'env/value', 'volumeMounts/mountPath'].map(f => `${c}/${f}`),
)

const varReference: FieldSpec[] = [
  ...inPods(varKinds, varPaths),
  ...inPods(['CronJob', 'DaemonSet', 'Deployment', 'Job', 'Pod', 'ReplicaSet'], ['volumes/nfs/server']),
  // kustomize's own spec of it misses the pod's spec; both are followed.
  { kind: 'CronJob', path: 'spec/jobTemplate/spec/template/volumes/nfs/server' },
  { kind: 'Ingress', path: 'spec/rules/host' },
  { kind: 'Ingress', path: 'spec/tls/hosts' },
  { kind: 'Ingress', path: 'spec/tls/secretName' },
  { kind: 'Service', path: 'spec/ports/port' },
  { kind: 'Service', path: 'spec/ports/targetPort' },
  { kind: 'StatefulSet', path: 'spec/volumeClaimTemplates/spec/nfs/server' },
  { kind: 'PersistentVolume', path: 'spec/nfs/server' },
  { path: 'metadata/labels' },
  { path: 'metadata/annotations' },
]

const namespace: FieldSpec[] = [
  { path: 'metadata/namespace', create: true },
  { kind: 'Namespace', path: 'metadata/name', create: true },
  { kind: 'RoleBinding', path: 'subjects[]/namespace' },
  { kind: 'ClusterRoleBinding', path: 'subjects[]/namespace' },
  { group: 'apiregistration.k8s.io', kind: 'APIService', path: 'spec/service/namespace', create: true },
  {
    group: 'apiextensions.k8s.io',
    kind: 'CustomResourceDefinition',
    path: 'spec/conversion/webhook/clientConfig/service/namespace',
  },
]

const images: FieldSpec[] = ['spec', 'spec/template/spec'].flatMap(pod =>
  ['containers[]/image', 'initContainers[]/image'].map(path => ({ path: `${pod}/${path}`, create: true })),
)

const replicas: FieldSpec[] = ['Deployment', 'ReplicationController', 'ReplicaSet', 'StatefulSet'].map(kind => ({
  kind,
  path: 'spec/replicas',
  create: true,
}))

/** What kustomize knows of builtin kinds when a kustomization configures nothing. */
export const defaultConfig: TransformerConfig = mergeConfigs(emptyConfig, {
  namePrefix: [{ path: 'metadata/name' }],
  nameSuffix: [{ path: 'metadata/name' }],
  namespace,
  commonLabels,
  labels: [{ path: 'metadata/labels', create: true }],
  templateLabels,
  commonAnnotations: [{ path: 'metadata/annotations', create: true }, ...templateMetadata('annotations', undefined)],
  nameReference,
  varReference,
  images,
  replicas,
})

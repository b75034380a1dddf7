import { builtinColumns, builtinStrategy } from '../builtin/index.ts'
import { crdStrategy } from '../crds/crd-kind.ts'
import { namespaceLifecycle } from './namespace-strategy.ts'
import type { KindDefinition, KindStrategy } from './types.ts'

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']

function kind(
  group: string,
  version: string,
  name: string,
  plural: string,
  namespaced: boolean,
  shortNames: string[] = [],
  status = false,
  strategy: KindStrategy = {},
): KindDefinition {
  return {
    group,
    kind: name,
    listKind: `${name}List`,
    plural,
    singular: name.toLowerCase(),
    shortNames,
    categories: [],
    namespaced,
    storageVersion: version,
    custom: false,
    strategy: { ...builtinStrategy(group, name), ...strategy },
    versions: [{ version, verbs, schema: undefined, subresources: { status }, columns: builtinColumns(group, name) }],
  }
}

const scale = {
  specReplicasPath: '.spec.replicas',
  statusReplicasPath: '.status.replicas',
  labelSelectorPath: '.spec.selector',
}

function scalable(definition: KindDefinition): KindDefinition {
  return {
    ...definition,
    versions: definition.versions.map(v => ({ ...v, subresources: { ...v.subresources, scale } })),
  }
}

function review(group: string, name: string, plural: string, namespaced = false): KindDefinition {
  const definition = kind(group, 'v1', name, plural, namespaced)
  return { ...definition, versions: definition.versions.map(v => ({ ...v, verbs: ['create'], virtual: true })) }
}

/** Temporary: the kinds until src/kube/schema has landed. */
export const builtinKinds: readonly KindDefinition[] = [
  kind('', 'v1', 'Namespace', 'namespaces', false, ['ns'], true, namespaceLifecycle),
  kind('', 'v1', 'ConfigMap', 'configmaps', true, ['cm']),
  kind('', 'v1', 'Secret', 'secrets', true),
  kind('', 'v1', 'ServiceAccount', 'serviceaccounts', true, ['sa'], false, { returnsDeleted: true }),
  kind('', 'v1', 'Service', 'services', true, ['svc'], true, { returnsDeleted: true, hasGeneration: false }),
  kind('', 'v1', 'Pod', 'pods', true, ['po'], true),
  kind('', 'v1', 'Node', 'nodes', false, ['no'], true, { hasGeneration: false }),
  kind('', 'v1', 'Event', 'events', true, ['ev'], false, { allowCreateOnUpdate: true }),
  kind('', 'v1', 'Endpoints', 'endpoints', true, ['ep'], false, { allowCreateOnUpdate: true }),
  kind('', 'v1', 'PersistentVolumeClaim', 'persistentvolumeclaims', true, ['pvc'], true, {
    returnsDeleted: true,
    hasGeneration: false,
  }),
  kind('', 'v1', 'PersistentVolume', 'persistentvolumes', false, ['pv'], true, {
    returnsDeleted: true,
    hasGeneration: false,
  }),
  kind('', 'v1', 'LimitRange', 'limitranges', true, ['limits'], false, { hasGeneration: false }),
  kind('', 'v1', 'ResourceQuota', 'resourcequotas', true, ['quota'], true, {
    returnsDeleted: true,
    hasGeneration: false,
  }),
  scalable(kind('apps', 'v1', 'Deployment', 'deployments', true, ['deploy'], true, { hasGeneration: true })),
  scalable(kind('apps', 'v1', 'StatefulSet', 'statefulsets', true, ['sts'], true, { hasGeneration: true })),
  scalable(kind('apps', 'v1', 'ReplicaSet', 'replicasets', true, ['rs'], true, { hasGeneration: true })),
  kind('apps', 'v1', 'DaemonSet', 'daemonsets', true, ['ds'], true, { hasGeneration: true }),
  kind('batch', 'v1', 'Job', 'jobs', true, [], true, { hasGeneration: true }),
  kind('batch', 'v1', 'CronJob', 'cronjobs', true, ['cj'], true, { hasGeneration: true }),
  kind('networking.k8s.io', 'v1', 'Ingress', 'ingresses', true, ['ing'], true, { hasGeneration: true }),
  kind('networking.k8s.io', 'v1', 'IngressClass', 'ingressclasses', false, [], false, { hasGeneration: true }),
  kind('networking.k8s.io', 'v1', 'NetworkPolicy', 'networkpolicies', true, ['netpol'], false, { hasGeneration: true }),
  kind('rbac.authorization.k8s.io', 'v1', 'Role', 'roles', true),
  kind('rbac.authorization.k8s.io', 'v1', 'RoleBinding', 'rolebindings', true),
  kind('rbac.authorization.k8s.io', 'v1', 'ClusterRole', 'clusterroles', false),
  kind('rbac.authorization.k8s.io', 'v1', 'ClusterRoleBinding', 'clusterrolebindings', false),
  kind('policy', 'v1', 'PodDisruptionBudget', 'poddisruptionbudgets', true, ['pdb'], true, { hasGeneration: true }),
  kind('storage.k8s.io', 'v1', 'StorageClass', 'storageclasses', false, ['sc']),
  kind('scheduling.k8s.io', 'v1', 'PriorityClass', 'priorityclasses', false, ['pc'], false, { hasGeneration: true }),
  kind('discovery.k8s.io', 'v1', 'EndpointSlice', 'endpointslices', true, [], false, { hasGeneration: true }),
  kind(
    'apiextensions.k8s.io',
    'v1',
    'CustomResourceDefinition',
    'customresourcedefinitions',
    false,
    ['crd', 'crds'],
    true,
    crdStrategy,
  ),
  review('authorization.k8s.io', 'SelfSubjectAccessReview', 'selfsubjectaccessreviews'),
  review('authorization.k8s.io', 'SelfSubjectRulesReview', 'selfsubjectrulesreviews'),
  review('authorization.k8s.io', 'SubjectAccessReview', 'subjectaccessreviews'),
  review('authorization.k8s.io', 'LocalSubjectAccessReview', 'localsubjectaccessreviews', true),
  review('authentication.k8s.io', 'SelfSubjectReview', 'selfsubjectreviews'),
  review('authentication.k8s.io', 'TokenReview', 'tokenreviews'),
  kind('coordination.k8s.io', 'v1', 'Lease', 'leases', true, [], false, {
    allowCreateOnUpdate: true,
    allowUnconditionalUpdate: false,
    hasGeneration: false,
  }),
]

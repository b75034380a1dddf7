import type { KubeObject } from '../../../kube/object.ts'
import type { PolicyRule } from './rbac.ts'

const apiVersion = 'rbac.authorization.k8s.io/v1'
const labels = { 'kubernetes.io/bootstrapping': 'rbac-defaults' }
const annotations = { 'rbac.authorization.kubernetes.io/autoupdate': 'true' }

const read = ['get', 'list', 'watch']
const write = ['create', 'delete', 'deletecollection', 'patch', 'update']

/** What people who work with applications in a namespace may see and change; `view` leaves secrets out. */
const workloads: readonly (readonly [group: string, resources: readonly string[]])[] = [
  [
    '',
    [
      'configmaps',
      'endpoints',
      'persistentvolumeclaims',
      'pods',
      'replicationcontrollers',
      'services',
      'serviceaccounts',
      'events',
      'limitranges',
      'resourcequotas',
      'namespaces',
      'bindings',
    ],
  ],
  [
    '',
    [
      'pods/log',
      'pods/status',
      'services/status',
      'persistentvolumeclaims/status',
      'resourcequotas/status',
      'namespaces/status',
    ],
  ],
  [
    'apps',
    [
      'controllerrevisions',
      'daemonsets',
      'deployments',
      'deployments/scale',
      'replicasets',
      'replicasets/scale',
      'statefulsets',
      'statefulsets/scale',
    ],
  ],
  ['autoscaling', ['horizontalpodautoscalers']],
  ['batch', ['cronjobs', 'jobs']],
  ['networking.k8s.io', ['ingresses', 'networkpolicies']],
  ['policy', ['poddisruptionbudgets']],
  ['discovery.k8s.io', ['endpointslices']],
]

const viewRules: PolicyRule[] = workloads.map(([group, resources]) => ({ apiGroups: [group], resources, verbs: read }))
const editRules: PolicyRule[] = [
  { apiGroups: [''], resources: ['secrets', 'pods/exec', 'pods/portforward'], verbs: read },
  {
    apiGroups: [''],
    resources: [
      'configmaps',
      'events',
      'persistentvolumeclaims',
      'pods',
      'pods/exec',
      'replicationcontrollers',
      'secrets',
      'serviceaccounts',
      'services',
    ],
    verbs: write,
  },
  { apiGroups: [''], resources: ['serviceaccounts/token'], verbs: ['create'] },
  ...workloads.slice(2).map(([group, resources]) => ({ apiGroups: [group], resources, verbs: write })),
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: [...read, ...write] },
]
const adminRules: PolicyRule[] = [
  { apiGroups: ['rbac.authorization.k8s.io'], resources: ['rolebindings', 'roles'], verbs: [...read, ...write] },
  { apiGroups: ['authorization.k8s.io'], resources: ['localsubjectaccessreviews'], verbs: ['create'] },
]

const openPaths = ['/healthz', '/livez', '/readyz', '/version', '/version/']

/** The roles and bindings of every cluster that people and clients count on; see Kubernetes' "Default roles and role bindings". */
export const firstRoles: readonly KubeObject[] = [
  role('cluster-admin', [
    { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
    { verbs: ['*'], nonResourceURLs: ['*'] },
  ]),
  // Roles that others add to by a label. The rules are there from the start, for clusters without controllers.
  aggregated('admin', [...viewRules, ...editRules, ...adminRules]),
  aggregated('edit', [...viewRules, ...editRules], 'admin'),
  aggregated('view', viewRules, 'edit'),
  role('system:aggregate-to-admin', adminRules, addsTo('admin')),
  role('system:aggregate-to-edit', editRules, addsTo('edit')),
  role('system:aggregate-to-view', viewRules, addsTo('view')),
  role('system:basic-user', [
    {
      verbs: ['create'],
      apiGroups: ['authorization.k8s.io'],
      resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
    },
    { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] },
  ]),
  role('system:discovery', [
    { verbs: ['get'], nonResourceURLs: ['/api', '/api/*', '/apis', '/apis/*', '/openapi', '/openapi/*', ...openPaths] },
  ]),
  role('system:public-info-viewer', [{ verbs: ['get'], nonResourceURLs: openPaths }]),
  binding('cluster-admin', 'system:masters'),
  binding('system:basic-user', 'system:authenticated'),
  binding('system:discovery', 'system:authenticated'),
  binding('system:public-info-viewer', 'system:authenticated', 'system:unauthenticated'),
]

function role(name: string, rules: readonly PolicyRule[], more: Readonly<Record<string, string>> = {}): KubeObject {
  return { apiVersion, kind: 'ClusterRole', metadata: { name, labels: { ...labels, ...more }, annotations }, rules }
}

function addsTo(name: string): Record<string, string> {
  return { [`rbac.authorization.k8s.io/aggregate-to-${name}`]: 'true' }
}

/** A role that gathers all roles with its label, and that may be part of a larger one. */
function aggregated(name: string, rules: readonly PolicyRule[], partOf?: string): KubeObject {
  const aggregationRule = { clusterRoleSelectors: [{ matchLabels: addsTo(name) }] }
  return { ...role(name, rules, partOf ? addsTo(partOf) : {}), aggregationRule }
}

function binding(name: string, ...groups: readonly string[]): KubeObject {
  const group = 'rbac.authorization.k8s.io'
  return {
    apiVersion,
    kind: 'ClusterRoleBinding',
    metadata: { name, labels, annotations },
    roleRef: { apiGroup: group, kind: 'ClusterRole', name },
    subjects: groups.map(text => ({ kind: 'Group', apiGroup: group, name: text })),
  }
}

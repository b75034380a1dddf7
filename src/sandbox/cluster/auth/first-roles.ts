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
  ...viewRules,
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
  ...editRules,
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
  role('admin', adminRules),
  role('edit', editRules),
  role('view', viewRules),
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

function role(name: string, rules: readonly PolicyRule[]): KubeObject {
  return { apiVersion, kind: 'ClusterRole', metadata: { name, labels, annotations }, rules }
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

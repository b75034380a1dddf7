import type { KubeObject } from '../kube/object.ts'
import type { EngineComponentsOptions } from './engine-components.ts'
import { engineName, webhookService } from './engine-names.ts'

interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly verbs: readonly string[]
}

type Labels = Readonly<Record<string, string>>

const rbac = 'rbac.authorization.k8s.io'
const read = ['get', 'list', 'watch']
const change = ['create', 'delete', 'patch', 'update']
/** Of a server-side apply that makes an object the server asks for `create` with its name, so names can bound it. */
const applyAndRemove = ['create', 'delete', 'patch']

/** Name of the role that lets the engine act as the service accounts of a namespace. */
export const impersonatorName = (systemNamespace: string): string => `${engineName}-impersonator-${systemNamespace}`

/**
 * What the engine may do. Names of cluster-wide objects end with the namespace, as Flux's do, so that two engines fit in
 * one cluster. The engine can keep its own roles as they are, but gives itself no more than it has: a role that
 * grows is applied by the person who bootstraps (RBAC's prevention of escalation).
 */
export function engineRights(options: EngineComponentsOptions, labels: Labels): KubeObject[] {
  const { systemNamespace: namespace, rights = 'fleet', tenantNamespaces = [] } = options
  const wide = `${engineName}-${namespace}`
  const inNamespace = (kind: string, where: string, name: string, rest: object) =>
    object(kind, { labels, name, namespace: where }, rest)
  const objects = [
    object('ClusterRole', { labels, name: wide }, { rules: ownRules(options) }),
    object('ClusterRoleBinding', { labels, name: wide }, binding('ClusterRole', wide, namespace)),
    inNamespace('Role', namespace, engineName, { rules: namespaceRules(options) }),
    inNamespace('RoleBinding', namespace, engineName, binding('Role', engineName, namespace)),
    inNamespace('Role', 'kube-system', wide, { rules: leaseRules }),
    inNamespace('RoleBinding', 'kube-system', wide, binding('Role', wide, namespace)),
  ]
  if (rights === 'cluster-admin') {
    const name = `${engineName}-admin-${namespace}`
    return [
      ...objects,
      object('ClusterRoleBinding', { labels, name }, binding('ClusterRole', 'cluster-admin', namespace)),
    ]
  }
  const impersonator = impersonatorName(namespace)
  objects.push(object('ClusterRole', { labels, name: impersonator }, { rules: impersonatorRules }))
  const bound = binding('ClusterRole', impersonator, namespace)
  if (tenantNamespaces === 'all')
    return [...objects, object('ClusterRoleBinding', { labels, name: impersonator }, bound)]
  return [...objects, ...tenantNamespaces.map(tenant => inNamespace('RoleBinding', tenant, impersonator, bound))]
}

/** Cluster-wide. */
function ownRules({ systemNamespace, crds }: EngineComponentsOptions): Rule[] {
  const wide = `${engineName}-${systemNamespace}`
  return [
    // Health, drift and pruning are known by watches on the kinds that are applied, and Git says which these are.
    { apiGroups: ['*'], resources: ['*'], verbs: read },
    // Its own kinds: status and finalizers, HelmCharts of HelmReleases, and the objects of a fleet's folder.
    { apiGroups: groupsOf(crds), resources: ['*'], verbs: change },
    // The specs of EKS Anywhere and eksctl: what a fleet's folder is about.
    { apiGroups: ['anywhere.eks.amazonaws.com', 'eksctl.io'], resources: ['*'], verbs: change },
    // What became of an object is told in its namespace.
    { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
    // gotk-components.yaml is in the fleet's folder, so the engine keeps its own definitions, by name. It removes none:
    // that would remove every object of the kind.
    {
      apiGroups: ['apiextensions.k8s.io'],
      resources: ['customresourcedefinitions'],
      resourceNames: crds.map(crd => crd.metadata.name ?? ''),
      verbs: ['create', 'patch'],
    },
    { apiGroups: [''], resources: ['namespaces'], resourceNames: [systemNamespace], verbs: ['create', 'patch'] },
    // Its own cluster-wide roles. Without `escalate` and `bind` the server refuses what would give more than it has.
    {
      apiGroups: [rbac],
      resources: ['clusterroles', 'clusterrolebindings'],
      resourceNames: [wide, impersonatorName(systemNamespace), `${engineName}-admin-${systemNamespace}`],
      verbs: applyAndRemove,
    },
    // Its roles in kube-system (for the Lease), and its bindings in the namespaces of teams.
    {
      apiGroups: [rbac],
      resources: ['roles', 'rolebindings'],
      resourceNames: [wide, impersonatorName(systemNamespace)],
      verbs: applyAndRemove,
    },
  ]
}

/** In the engine's own namespace. */
function namespaceRules({ systemNamespace, secretName = 'flux-system' }: EngineComponentsOptions): Rule[] {
  const own = (apiGroup: string, resources: readonly string[], ...resourceNames: string[]): Rule => ({
    apiGroups: [apiGroup],
    resources,
    resourceNames,
    verbs: applyAndRemove,
  })
  return [
    // The engine itself, as gotk-components.yaml has it: these objects by name, and no others of their kinds.
    own('', ['serviceaccounts'], engineName),
    own('', ['services'], engineName, webhookService),
    own('', ['resourcequotas'], `critical-pods-${systemNamespace}`),
    own('apps', ['deployments'], engineName),
    own('policy', ['poddisruptionbudgets'], engineName),
    own('networking.k8s.io', ['networkpolicies'], engineName),
    own(rbac, ['roles', 'rolebindings'], engineName),
    // The Pod of the engine that acts says so by a label, which its Services select.
    { apiGroups: [''], resources: ['pods'], verbs: ['patch'] },
    // What was told of the end of a credential is noted on its Secret, so that it is told once.
    { apiGroups: [''], resources: ['secrets'], resourceNames: [secretName], verbs: ['patch'] },
  ]
}

/** Who acts is settled by one Lease per cluster, which an engine outside of it asks for too. */
const leaseRules: readonly Rule[] = [
  // The server knows no name when an object is created.
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
  {
    apiGroups: ['coordination.k8s.io'],
    resources: ['leases'],
    resourceNames: [engineName],
    verbs: ['get', 'update'],
  },
]

/** The work of a team is done as an account of its own: see docs/guides/tenancy.md. */
const impersonatorRules: readonly Rule[] = [{ apiGroups: [''], resources: ['serviceaccounts'], verbs: ['impersonate'] }]

function binding(kind: 'ClusterRole' | 'Role', name: string, namespace: string): object {
  return {
    roleRef: { apiGroup: rbac, kind, name },
    subjects: [{ kind: 'ServiceAccount', name: engineName, namespace }],
  }
}

function object(kind: string, metadata: KubeObject['metadata'], rest: object): KubeObject {
  return { apiVersion: `${rbac}/v1`, kind, metadata, ...rest }
}

function groupsOf(crds: readonly KubeObject[]): string[] {
  return [...new Set(crds.map(crd => (crd['spec'] as { group: string }).group))].sort()
}

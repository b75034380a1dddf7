import type { KubeObject } from '../../kube/object.ts'
import { componentsText } from '../text.ts'

/** What the look-alike is made with; `flux install`'s defaults. */
export interface LookAlike {
  readonly crds: readonly KubeObject[]
  readonly namespace?: string
  readonly version?: string
  readonly components?: readonly string[]
  readonly registry?: string
}

/** Kinds of each component, by the group of their definitions. */
const groupOf: Readonly<Record<string, string>> = {
  'source.toolkit.fluxcd.io': 'source-controller',
  'kustomize.toolkit.fluxcd.io': 'kustomize-controller',
  'helm.toolkit.fluxcd.io': 'helm-controller',
  'notification.toolkit.fluxcd.io': 'notification-controller',
  'image.toolkit.fluxcd.io': 'image-reflector-controller',
}

/** Objects in the shape and order of `flux install --export`, for tests: the controllers in it run nothing. */
export function lookAlikeObjects(options: LookAlike): KubeObject[] {
  const { namespace: ns = 'flux-system', version = 'v2.9.4', registry = 'ghcr.io/fluxcd' } = options
  const components = options.components ?? [
    'source-controller',
    'kustomize-controller',
    'helm-controller',
    'notification-controller',
  ]
  const labels = {
    'app.kubernetes.io/instance': ns,
    'app.kubernetes.io/part-of': 'flux',
    'app.kubernetes.io/version': version,
  }
  const of = (component: string) => ({ 'app.kubernetes.io/component': component, ...labels })
  const rbac = 'rbac.authorization.k8s.io/v1'
  const subject = (name: string) => ({ kind: 'ServiceAccount', name, namespace: ns })
  const policy = (name: string, spec: object): KubeObject => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { labels, name, namespace: ns },
    spec,
  })
  const binding = (name: string, role: string, subjects: readonly string[]): KubeObject => ({
    apiVersion: rbac,
    kind: 'ClusterRoleBinding',
    metadata: { labels, name: `${name}-${ns}` },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: subjects.map(subject),
  })
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        labels: {
          ...labels,
          'pod-security.kubernetes.io/warn': 'restricted',
          'pod-security.kubernetes.io/warn-version': 'latest',
        },
        name: ns,
      },
    },
    policy('allow-egress', {
      egress: [{}],
      ingress: [{ from: [{ podSelector: {} }] }],
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
    }),
    policy('allow-scraping', {
      ingress: [{ from: [{ namespaceSelector: {} }], ports: [{ port: 8080, protocol: 'TCP' }] }],
      podSelector: {},
      policyTypes: ['Ingress'],
    }),
    {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { labels, name: `critical-pods-${ns}`, namespace: ns },
      spec: { hard: { pods: '1000' } },
    },
    {
      apiVersion: rbac,
      kind: 'ClusterRole',
      metadata: { labels, name: `crd-controller-${ns}` },
      rules: [
        { apiGroups: ['source.toolkit.fluxcd.io', 'kustomize.toolkit.fluxcd.io'], resources: ['*'], verbs: ['*'] },
        { apiGroups: [''], resources: ['secrets', 'configmaps'], verbs: ['get', 'list', 'watch'] },
      ],
    },
    binding('cluster-reconciler', 'cluster-admin', ['kustomize-controller', 'helm-controller']),
    binding('crd-controller', `crd-controller-${ns}`, components),
    ...components.flatMap(component => [
      ...options.crds
        .filter(crd => groupOf[String((crd['spec'] as { group?: string }).group)] === component)
        .map(crd => ({ ...crd, metadata: { ...crd.metadata, labels: of(component) } })),
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { labels: of(component), name: component, namespace: ns } },
      ...(component === 'source-controller' || component === 'notification-controller'
        ? [service(component, ns, of(component))]
        : []),
      deployment(component, {
        ns,
        labels: of(component),
        registry,
        notifies: components.includes('notification-controller'),
      }),
    ]),
  ]
}

/** The same as text, with flux's head. */
export function lookAlikeText(options: LookAlike): string {
  const objects = lookAlikeObjects(options)
  const { version = 'v2.9.4', namespace = 'flux-system' } = options
  const components = objects.filter(one => one.kind === 'Deployment').map(one => one.metadata.name ?? '')
  return componentsText({ version, namespace, components, objects })
}

function service(name: string, namespace: string, labels: Record<string, string>): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { labels: { ...labels, 'control-plane': 'controller' }, name, namespace },
    spec: {
      ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 'http' }],
      selector: { app: name },
      type: 'ClusterIP',
    },
  }
}

function deployment(
  name: string,
  {
    ns,
    labels,
    registry,
    notifies,
  }: { ns: string; labels: Record<string, string>; registry: string; notifies: boolean },
): KubeObject {
  const events = `--events-addr=${notifies ? `http://notification-controller.${ns}.svc.cluster.local./` : ''}`
  const common = ['--watch-all-namespaces=true', '--log-level=info', '--log-encoding=json', '--enable-leader-election']
  const storage = [
    '--storage-path=/data',
    '--storage-adv-addr=source-controller.$(RUNTIME_NAMESPACE).svc.cluster.local.',
  ]
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { labels: { ...labels, 'control-plane': 'controller' }, name, namespace: ns },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: {
          annotations: { 'prometheus.io/port': '8080', 'prometheus.io/scrape': 'true' },
          labels: { ...labels, app: name },
        },
        spec: {
          containers: [
            {
              args: [
                ...(name === 'notification-controller' ? [] : [events]),
                ...common,
                ...(name === 'source-controller' ? storage : []),
              ],
              env: [{ name: 'RUNTIME_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } }],
              image: `${registry}/${name}:v1.9.4`,
              imagePullPolicy: 'IfNotPresent',
              name: 'manager',
              ports: [{ containerPort: 8080, name: 'http-prom', protocol: 'TCP' }],
              resources: { limits: { cpu: '1000m', memory: '1Gi' }, requests: { cpu: '100m', memory: '64Mi' } },
              volumeMounts: [{ mountPath: '/tmp', name: 'temp' }],
            },
          ],
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          serviceAccountName: name,
          terminationGracePeriodSeconds: 60,
          volumes: [{ emptyDir: {}, name: 'temp' }],
        },
      },
    },
  }
}

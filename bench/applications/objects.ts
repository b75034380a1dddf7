import type { KubeObject } from '../../src/kube/object.ts'

/** Where the applications of a measurement run, and where those run that only warm everything up. */
export const appsNamespace = 'sluice-bench'
export const warmNamespace = 'sluice-bench-warm'
/** Applications that warm up. */
export const warmCount = 50

/** `app-000`, `app-001`, …: the names of the applications. */
export function appNames(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `app-${String(i).padStart(4, '0')}`)
}

/**
 * What one application is made of, as in flux-benchmark: a ServiceAccount, a Service, a Deployment scaled to zero and an
 * Ingress. `cpu` is the value that a change changes; the name and the host come from variables when `app` is absent.
 */
export function appObjects(cpu: string, app = '${app}', host = '${host}', namespace?: string): KubeObject[] {
  const metadata = {
    name: app,
    ...(namespace === undefined ? {} : { namespace }),
    labels: { 'app.kubernetes.io/name': app },
  }
  const labels = { 'app.kubernetes.io/name': app }
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: {
        type: 'ClusterIP',
        selector: labels,
        ports: [{ name: 'http', port: 9898, protocol: 'TCP', targetPort: 'http' }],
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas: 0,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: app,
            containers: [
              {
                name: 'podinfo',
                image: 'ghcr.io/stefanprodan/podinfo:6.7.1',
                ports: [{ name: 'http', containerPort: 9898, protocol: 'TCP' }],
                readinessProbe: { httpGet: { path: '/readyz', port: 'http' }, initialDelaySeconds: 1 },
                resources: { requests: { cpu, memory: '64Mi' }, limits: { memory: '256Mi' } },
              },
            ],
          },
        },
      },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata,
      spec: {
        rules: [
          {
            host,
            http: {
              paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: app, port: { name: 'http' } } } }],
            },
          },
        ],
      },
    },
  ]
}

/** The Kustomization of an application, with wait, prune and three variables. */
export function appKustomization(
  app: string,
  spec: Readonly<Record<string, unknown>> = {},
  namespace = appsNamespace,
): KubeObject {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: app, namespace },
    spec: {
      interval: '10m',
      targetNamespace: namespace,
      timeout: '1m',
      path: `./apps/${app}`,
      prune: true,
      wait: true,
      sourceRef: { kind: 'GitRepository', name: 'apps' },
      postBuild: { substitute: { app, host: hostOf(app), environment: 'bench' } },
      ...spec,
    },
  }
}

export function hostOf(app: string): string {
  return `${app}.example.com`
}

export function namespaceObject(name: string): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
}

export function sourceObject(url: string, namespace: string): KubeObject {
  return {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'GitRepository',
    metadata: { name: 'apps', namespace },
    spec: { interval: '10m', url, ref: { branch: 'main' } },
  }
}

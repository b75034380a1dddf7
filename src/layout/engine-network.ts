import type { KubeObject } from '../kube/object.ts'
import type { EngineComponentsOptions } from './engine-components.ts'
import { engineName, enginePorts, engineSelector, leaderLabel, webhookService } from './engine-names.ts'

type Labels = Readonly<Record<string, string>>

/** Services, and who may reach what. */
export function engineNetwork(options: EngineComponentsOptions, labels: Labels): KubeObject[] {
  const { systemNamespace: namespace, networkPolicy = true } = options
  // Only the engine that acts has artifacts and knows the Receivers, so only its Pod is asked.
  const leader = { ...engineSelector(namespace), [leaderLabel]: 'true' }
  const service = (name: string, port: keyof typeof enginePorts): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { labels, name, namespace },
    spec: {
      ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: port }],
      selector: leader,
      type: 'ClusterIP',
    },
  })
  const services = [service(engineName, 'artifacts'), service(webhookService, 'webhooks')]
  return networkPolicy ? [...services, policy(namespace, labels)] : services
}

/**
 * As Flux's three: out to everywhere (Git hosts, registries, the API server, receivers of notifications have addresses that
 * nobody can list), metrics from every namespace, webhooks from everywhere, artifacts from the engine's own namespace.
 */
function policy(namespace: string, labels: Labels): KubeObject {
  const port = (name: keyof typeof enginePorts) => ({ port: enginePorts[name], protocol: 'TCP' })
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { labels, name: engineName, namespace },
    spec: {
      egress: [{}],
      ingress: [
        { from: [{ podSelector: {} }], ports: [port('artifacts')] },
        { from: [{ namespaceSelector: {} }], ports: [port('metrics')] },
        { ports: [port('webhooks')] },
      ],
      podSelector: { matchLabels: engineSelector(namespace) },
      policyTypes: ['Ingress', 'Egress'],
    },
  }
}

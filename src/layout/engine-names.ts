/** Name of the engine's Deployment, ServiceAccount, Service, roles and Lease. */
export const engineName = 'sluice-engine'

/** Name of the Service for webhooks of Receivers: Flux's, so that an Ingress stays good when the engine changes. */
export const webhookService = 'webhook-receiver'

/** Set by the engine that acts on its own Pod: Services that only the leader can answer for select it. */
export const leaderLabel = 'sluice.dev/leader'

/** Where each service listens: Flux's ports. */
export const enginePorts = { metrics: 8080, artifacts: 9090, webhooks: 9292, health: 9440 } as const

/** Labels by which the engine's Pods are found; a Deployment cannot change them. */
export function engineSelector(systemNamespace: string): Record<string, string> {
  return { 'app.kubernetes.io/instance': systemNamespace, 'app.kubernetes.io/name': engineName }
}

/** Labels of everything that belongs to an engine in a cluster. What does not carry them is not Sluice's. */
export function engineLabels(systemNamespace: string, version: string): Record<string, string> {
  return {
    'app.kubernetes.io/component': 'engine',
    ...engineSelector(systemNamespace),
    'app.kubernetes.io/managed-by': 'sluice',
    'app.kubernetes.io/part-of': 'sluice',
    'app.kubernetes.io/version': `v${version}`,
  }
}

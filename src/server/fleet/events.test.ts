import { expect, it } from 'vitest'
import { eventsOf } from './events.ts'

const event = (kind: string, name: string, apiVersion = 'cluster.x-k8s.io/v1beta1', at = '2026-01-01T00:00:00Z') => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: `${name}.1`, uid: `${kind}/${name}` },
  involvedObject: { apiVersion, kind, namespace: 'default', name },
  type: 'Warning',
  reason: 'Failed',
  message: 'no capacity',
  lastTimestamp: at,
})
const clusters = [
  { namespace: 'default', name: 'prod' },
  { namespace: 'default', name: 'prod-eu' },
]
const about = (name: string, events: ReturnType<typeof event>[], nodes: string[] = []) =>
  eventsOf(clusters.find(one => one.name === name)!, clusters, new Set(nodes), events).map(one => one.about)

it('tells of a cluster, its machines and its nodes, newest first, and of no other cluster', () => {
  const events = [
    event('Cluster', 'prod', 'anywhere.eks.amazonaws.com/v1alpha1'),
    event('Machine', 'prod-web-x1', undefined, '2026-01-02T00:00:00Z'),
    event('Machine', 'prod-eu-web-x1'),
    event('Node', 'prod-web-x1', 'v1'),
    event('Node', 'stranger', 'v1'),
    event('Deployment', 'prod-shop', 'apps/v1'),
  ]
  expect(about('prod', events, ['prod-web-x1'])).toEqual(['Machine prod-web-x1', 'Node prod-web-x1', 'Cluster prod'])
  expect(about('prod-eu', events)).toEqual(['Machine prod-eu-web-x1'])
})

it('shows what is said, and that it is a warning', () => {
  const [shown] = eventsOf(clusters[0]!, clusters, new Set(), [event('Cluster', 'prod')])
  expect(shown).toMatchObject({ warning: true, reason: 'Failed', message: 'no capacity', count: 1 })
})

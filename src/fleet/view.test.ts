import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../kube/object.ts'
import { fleetView } from './view.ts'

const cluster = (name: string, spec: Record<string, unknown>, rest: Record<string, unknown> = {}): KubeObject => ({
  apiVersion: 'anywhere.eks.amazonaws.com/v1alpha1',
  kind: 'Cluster',
  metadata: {
    name,
    namespace: 'default',
    generation: 1,
    labels: {
      'kustomize.toolkit.fluxcd.io/name': 'flux-system',
      'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
    },
  },
  spec: { managementCluster: { name: 'mgmt' }, controlPlaneConfiguration: { count: 1 }, ...spec },
  ...rest,
})

const node = (cluster: string, group: string | undefined, ready = true): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name: `${cluster}-${group ?? 'cp'}-x`,
    labels: {
      'cluster.x-k8s.io/cluster-name': cluster,
      ...(group
        ? { 'cluster.x-k8s.io/deployment-name': `${cluster}-${group}` }
        : { 'node-role.kubernetes.io/control-plane': '' }),
    },
  },
  status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
})

const ready = { status: { observedGeneration: 1, conditions: [{ type: 'Ready', status: 'True' }] } }

describe('the view of a fleet', () => {
  it('puts management clusters first and pairs what the spec wants with what is there', () => {
    const rows = fleetView({
      clusters: [
        cluster(
          'apps',
          {
            workerNodeGroupConfigurations: [
              { name: 'md-0', count: 2 },
              { name: 'gpu', count: 0 },
            ],
          },
          ready,
        ),
        cluster('mgmt', {}, ready),
      ],
      nodes: [node('apps', undefined), node('apps', 'md-0'), node('apps', 'md-0', false), node('mgmt', undefined)],
      kustomizations: [
        {
          apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
          kind: 'Kustomization',
          metadata: { name: 'flux-system', namespace: 'flux-system' },
          status: { lastAppliedRevision: 'main@sha1:abc' },
        },
      ],
    })
    expect(rows.map(row => [row.name, row.role, row.wanted, row.ready, row.health, row.revision])).toEqual([
      ['mgmt', 'management', 1, 1, 'Ready', 'main@sha1:abc'],
      ['apps', 'workload', 3, 2, 'Ready', 'main@sha1:abc'],
    ])
    expect(rows[1]?.groups.map(group => [group.name, group.wanted, group.current, group.ready])).toEqual([
      ['control-plane', 1, 1, 1],
      ['md-0', 2, 2, 1],
      ['gpu', 0, 0, 0],
    ])
  })

  it('leaves the size of an autoscaled group to the autoscaler', () => {
    const [row] = fleetView({
      clusters: [
        cluster(
          'mgmt',
          {
            workerNodeGroupConfigurations: [
              { name: 'md-0', count: 3, autoscalingConfiguration: { minCount: 1, maxCount: 5 } },
            ],
          },
          ready,
        ),
      ],
      nodes: [node('mgmt', 'md-0'), node('mgmt', 'md-0')],
      kustomizations: [],
    })
    expect(row?.groups[1]).toMatchObject({ wanted: undefined, current: 2, ready: 2, autoscaling: { min: 1, max: 5 } })
  })

  it('never calls a cluster Ready whose latest change was not taken up', () => {
    const behind = cluster('mgmt', {}, ready)
    behind.metadata.generation = 2
    expect(fleetView({ clusters: [behind], nodes: [], kustomizations: [] })[0]?.health).toBe('Moving')
    expect(fleetView({ clusters: [cluster('mgmt', {})], nodes: [], kustomizations: [] })[0]?.health).toBe('Unknown')
    const failed = cluster('mgmt', {}, { status: { failureMessage: 'no machine config' } })
    expect(fleetView({ clusters: [failed], nodes: [], kustomizations: [] })[0]).toMatchObject({
      health: 'Failed',
      message: 'no machine config',
    })
  })
})

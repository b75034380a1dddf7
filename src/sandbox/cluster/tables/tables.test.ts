import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../../../kube/object.ts'
import { builtinColumns, customColumns, humanDuration } from './index.ts'

const now = new Date('2024-06-01T12:00:00Z')
const object = (fields: Record<string, unknown>, metadata: Record<string, unknown> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'X',
  metadata: { name: 'a', creationTimestamp: '2024-06-01T11:55:00Z', ...metadata },
  ...fields,
})
const cells = (group: string, kind: string, fields: Record<string, unknown>, metadata = {}): unknown[] =>
  builtinColumns(group, kind)!.cells(object(fields, metadata), now)

test.each([
  [-5, '<invalid>'],
  [-0.5, '0s'],
  [0, '0s'],
  [119, '119s'],
  [120, '2m'],
  [125, '2m5s'],
  [600, '10m'],
  [3 * 3600 - 1, '179m'],
  [3 * 3600, '3h'],
  [5 * 3600 + 60, '5h1m'],
  [8 * 3600, '8h'],
  [47 * 3600, '47h'],
  [49 * 3600, '2d1h'],
  [8 * 86400, '8d'],
  [729 * 86400, '729d'],
  [800 * 86400, '2y70d'],
  [9 * 365 * 86400, '9y'],
])('%d seconds are %s', (seconds, text) => expect(humanDuration(seconds * 1000)).toBe(text))

describe('builtin kinds', () => {
  const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'i:1' }] } }

  test('a deployment', () => {
    const spec = { replicas: 3, selector: { matchLabels: { app: 'a' } }, template }
    expect(
      cells('apps', 'Deployment', { spec, status: { readyReplicas: 2, updatedReplicas: 3, availableReplicas: 2 } }),
    ).toEqual(['2/3', 3, 2, '5m', 'c', 'i:1', 'app=a'])
  })

  test('a pod tells what is wrong with it first', () => {
    const spec = { containers: [{ name: 'c' }], initContainers: [{ name: 'i' }] }
    const waiting = {
      name: 'c',
      ready: false,
      restartCount: 4,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { finishedAt: '2024-06-01T11:59:00Z' } },
    }
    const done = { name: 'i', state: { terminated: { exitCode: 0 } } }
    const status = (init: unknown, main: unknown): Record<string, unknown> => ({
      phase: 'Pending',
      initContainerStatuses: [init],
      containerStatuses: [main],
    })
    expect(cells('', 'Pod', { spec, status: status(done, waiting) }).slice(0, 3)).toEqual([
      '0/1',
      'CrashLoopBackOff',
      '4 (60s ago)',
    ])
    const running = { name: 'i', state: { running: {} } }
    expect(cells('', 'Pod', { spec, status: status(running, waiting) })[1]).toBe('Init:0/1')
    expect(
      cells('', 'Pod', { spec, status: { phase: 'Running' } }, { deletionTimestamp: '2024-06-01T11:59:00Z' })[1],
    ).toBe('Terminating')
  })

  test('a service with and without addresses', () => {
    const spec = {
      type: 'LoadBalancer',
      clusterIP: '10.0.0.1',
      clusterIPs: ['10.0.0.1'],
      ports: [{ port: 80, nodePort: 30080, protocol: 'TCP' }],
    }
    expect(cells('', 'Service', { spec, status: { loadBalancer: {} } })).toEqual([
      'LoadBalancer',
      '10.0.0.1',
      '<pending>',
      '80:30080/TCP',
      '5m',
      '<none>',
    ])
    expect(cells('', 'Service', { spec, status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } } })[2]).toBe(
      '1.2.3.4',
    )
  })

  test('a node', () => {
    const status = {
      conditions: [{ type: 'Ready', status: 'True' }],
      nodeInfo: { kubeletVersion: 'v1.30.0', kernelVersion: '6.1', architecture: 'amd64' },
    }
    const labels = { 'node-role.kubernetes.io/control-plane': '' }
    expect(cells('', 'Node', { spec: { unschedulable: true }, status }, { labels }).slice(0, 4)).toEqual([
      'Ready,SchedulingDisabled',
      'control-plane',
      '5m',
      'v1.30.0',
    ])
  })

  test('a job and its duration', () => {
    const spec = { completions: 2, template }
    expect(
      cells('batch', 'Job', { spec, status: { succeeded: 1, startTime: '2024-06-01T11:58:00Z' } }).slice(0, 3),
    ).toEqual(['Running', '1/2', '2m'])
    const conditions = [{ type: 'Complete', status: 'True' }]
    expect(cells('batch', 'Job', { spec, status: { conditions } })[0]).toBe('Complete')
  })

  test('events hold their name last', () => {
    const columns = builtinColumns('', 'Event')!
    expect(columns.includesName).toBe(true)
    expect(columns.definitions.at(-1)).toMatchObject({ name: 'Name', priority: 1 })
  })

  test('kinds without columns have none', () =>
    expect(builtinColumns('rbac.authorization.k8s.io', 'Role')).toBeUndefined())
})

describe('custom kinds', () => {
  const columns = customColumns([
    { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
    { name: 'On', type: 'boolean', jsonPath: '.spec.on' },
    { name: 'When', type: 'date', jsonPath: '.spec.when' },
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status', priority: 1 },
    { name: 'Any', type: 'string', jsonPath: '.spec.map' },
  ])!

  test('cells are typed, absent values are null', () => {
    const status = { conditions: [{ type: 'Ready', status: 'True' }] }
    const spec = { size: 3, on: true, when: '2024-06-01T11:00:00Z', map: { a: 1 } }
    expect(columns.cells(object({ spec, status }), now)).toEqual([3, true, '60m', 'True', '{"a":1}'])
    expect(columns.cells(object({ spec: { size: 'big' } }), now)).toEqual([null, null, null, null, null])
  })

  test('a column without a description says where its value comes from', () => {
    expect(columns.definitions[0]!.description).toBe(
      'Custom resource definition column (in JSONPath format): .spec.size',
    )
    expect(customColumns(undefined)).toBeUndefined()
  })
})

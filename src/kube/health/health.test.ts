import { describe, expect, it } from 'vitest'
import { computeHealth } from './health.ts'
import type { HealthOptions } from './types.ts'

type Parts = Record<string, unknown>

function object(apiVersion: string, kind: string, parts: Parts = {}, metadata: Parts = {}) {
  return { apiVersion, kind, metadata: { name: 'x', ...metadata }, ...parts }
}

function verdict(value: ReturnType<typeof object> | undefined, options?: HealthOptions): string {
  const { status, reason, message } = computeHealth(value, options)
  return `${status} ${reason} | ${message}`
}

const condition = (type: string, status: string, reason?: string, message?: string) => ({
  type,
  status,
  reason,
  message,
})

describe('every kind', () => {
  const cases: [string, Parts, Parts, string][] = [
    [
      'is Terminating once it is being deleted',
      { status: { observedGeneration: 1 } },
      { deletionTimestamp: 't', generation: 2 },
      'Terminating  | Resource scheduled for deletion',
    ],
    [
      'is InProgress until its generation was seen',
      { status: { observedGeneration: 1 } },
      { generation: 2 },
      'InProgress LatestGenerationNotObserved | Widget generation is 2, but latest observed generation is 1',
    ],
    [
      'does not wait for a generation that the status does not name',
      { status: {} },
      { generation: 2 },
      'Current  | Resource is current',
    ],
    [
      'is InProgress while Reconciling',
      { status: { conditions: [condition('Reconciling', 'True', 'R', 'm')] } },
      {},
      'InProgress R | m',
    ],
    [
      'is Failed when Stalled',
      { status: { conditions: [condition('Stalled', 'True', 'S', 'm')] } },
      {},
      'Failed S | m',
    ],
    [
      'goes by the first of Reconciling and Stalled',
      { status: { conditions: [condition('Stalled', 'True', 'S', 's'), condition('Reconciling', 'True', 'R', 'r')] } },
      {},
      'Failed S | s',
    ],
    [
      'does not mind Stalled=False',
      { status: { conditions: [condition('Stalled', 'False')] } },
      {},
      'Current  | Resource is current',
    ],
    [
      'is Current when Ready',
      { status: { conditions: [condition('Ready', 'True')] } },
      {},
      'Current  | Resource is Ready',
    ],
    [
      'is InProgress when Ready is False, never Failed',
      { status: { conditions: [condition('Ready', 'False', 'R', 'm')] } },
      {},
      'InProgress R | m',
    ],
    [
      'is InProgress when Ready is Unknown',
      { status: { conditions: [condition('Ready', 'Unknown', 'R', 'm')] } },
      {},
      'InProgress R | m',
    ],
    ['is Current without conditions', {}, {}, 'Current  | Resource is current'],
  ]
  it.each(cases)('%s', (_, parts, metadata, expected) => {
    expect(verdict(object('x.y/v1', 'Widget', parts, metadata))).toBe(expected)
  })

  it('is NotFound when it is not there', () => {
    expect(verdict(undefined)).toBe('NotFound  | Resource not found')
  })

  it('goes by group and kind, not by the version', () => {
    const status = { phase: 'Pending' }
    expect(verdict(object('x.y/v1', 'Pod', { status }))).toBe('Current  | Resource is current')
    expect(verdict(object('apps/v1beta1', 'Deployment'))).toContain('LessReplicas')
    expect(verdict(object('v1', 'constructor'))).toBe('Current  | Resource is current')
  })
})

describe('Deployment', () => {
  const full = { replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 }
  const good = [condition('Progressing', 'True', 'NewReplicaSetAvailable'), condition('Available', 'True')]
  const cases: [Parts, Parts, string][] = [
    [{ replicas: 3 }, {}, 'InProgress LessReplicas | replicas: 0/3'],
    [{ replicas: 3 }, { ...full, updatedReplicas: 1 }, 'InProgress LessUpdated | Updated: 1/3'],
    [{ replicas: 3 }, { ...full, replicas: 4 }, 'InProgress ExtraPods | Pending termination: 1'],
    [{ replicas: 3 }, { ...full, availableReplicas: 2 }, 'InProgress LessAvailable | Available: 2/3'],
    [{ replicas: 3 }, { ...full, readyReplicas: 2 }, 'InProgress LessReady | Ready: 2/3'],
    [
      { replicas: 3, progressDeadlineSeconds: 600 },
      full,
      'InProgress ReplicaSetNotAvailable | ReplicaSet not Available',
    ],
    [
      { replicas: 3, progressDeadlineSeconds: 2147483647 },
      full,
      'InProgress DeploymentNotAvailable | Deployment not Available',
    ],
    [
      { replicas: 3 },
      { ...full, conditions: [condition('Available', 'True')] },
      'Current  | Deployment is available. Replicas: 3',
    ],
    [
      { replicas: 3, progressDeadlineSeconds: 600 },
      { ...full, conditions: good },
      'Current  | Deployment is available. Replicas: 3',
    ],
    [
      { replicas: 3 },
      { conditions: [condition('Progressing', 'False', 'ProgressDeadlineExceeded')] },
      'Failed ProgressDeadlineExceeded | Progress deadline exceeded',
    ],
    [{ replicas: 0 }, { conditions: good }, 'Current  | Deployment is available. Replicas: 0'],
    [
      {},
      { replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1, conditions: good },
      'Current  | Deployment is available. Replicas: 1',
    ],
  ]
  it.each(cases)('with spec %j and status %j', (spec, status, expected) => {
    expect(verdict(object('apps/v1', 'Deployment', { spec, status }))).toBe(expected)
  })
})

describe('StatefulSet', () => {
  const full = { replicas: 2, readyReplicas: 2, currentReplicas: 2, currentRevision: 'a', updateRevision: 'a' }
  const partition = (n: number) => ({ replicas: 2, updateStrategy: { rollingUpdate: { partition: n } } })
  const cases: [Parts, Parts, string][] = [
    [
      { updateStrategy: { type: 'OnDelete' }, replicas: 9 },
      {},
      'Current  | StatefulSet is using the ondelete update strategy',
    ],
    [{ replicas: 2 }, {}, 'InProgress LessReplicas | Replicas: 0/2'],
    [{ replicas: 2 }, { ...full, readyReplicas: 1 }, 'InProgress LessReady | Ready: 1/2'],
    [{ replicas: 2 }, { ...full, replicas: 3 }, 'InProgress ExtraPods | Pending termination: 1'],
    [partition(1), { ...full, updatedReplicas: 0 }, 'InProgress PartitionRollout | updated: 0/1'],
    [partition(1), { ...full, updatedReplicas: 1 }, 'Current  | Partition rollout complete. updated: 1'],
    [{ replicas: 2 }, { ...full, currentReplicas: 1 }, 'InProgress LessCurrent | current: 1/2'],
    [
      { replicas: 2 },
      { ...full, updateRevision: 'b' },
      'InProgress RevisionMismatch | Waiting for updated revision to match current',
    ],
    [{ replicas: 2 }, full, 'Current  | All replicas scheduled as expected. Replicas: 2'],
  ]
  it.each(cases)('with spec %j and status %j', (spec, status, expected) => {
    expect(verdict(object('apps/v1', 'StatefulSet', { spec, status }))).toBe(expected)
  })
})

describe('DaemonSet', () => {
  const full = {
    observedGeneration: 1,
    desiredNumberScheduled: 2,
    currentNumberScheduled: 2,
    updatedNumberScheduled: 2,
    numberAvailable: 2,
    numberReady: 2,
  }
  const cases: [Parts, Parts, string][] = [
    [{}, full, 'InProgress NoGeneration'],
    [{ generation: 1 }, {}, 'InProgress NoObservedGeneration'],
    [{ generation: 1 }, { observedGeneration: 1 }, 'InProgress NoDesiredNumber'],
    [{ generation: 1 }, { ...full, currentNumberScheduled: 1 }, 'InProgress LessCurrent'],
    [{ generation: 1 }, { ...full, updatedNumberScheduled: 1 }, 'InProgress LessUpdated'],
    [{ generation: 1 }, { ...full, numberAvailable: 1 }, 'InProgress LessAvailable'],
    [{ generation: 1 }, { ...full, numberReady: 1 }, 'InProgress LessReady'],
    [{ generation: 1 }, full, 'Current  | All replicas scheduled as expected. Replicas: 2'],
  ]
  it.each(cases)('with metadata %j and status %j', (metadata, status, expected) => {
    expect(verdict(object('apps/v1', 'DaemonSet', { status }, metadata))).toContain(expected)
  })
})

describe('ReplicaSet', () => {
  const full = { replicas: 2, readyReplicas: 2, availableReplicas: 2, fullyLabeledReplicas: 2 }
  const cases: [Parts, string][] = [
    [{ ...full, conditions: [condition('ReplicaFailure', 'True')] }, 'InProgress ReplicaFailure'],
    [{ ...full, fullyLabeledReplicas: 1 }, 'InProgress LessLabelled | Labelled: 1/2'],
    [{ ...full, availableReplicas: 1 }, 'InProgress LessAvailable | Available: 1/2'],
    [{ ...full, readyReplicas: 1 }, 'InProgress LessReady | Ready: 1/2'],
    [{ ...full, replicas: 3 }, 'InProgress ExtraPods | Pending termination: 1'],
    [full, 'Current  | ReplicaSet is available. Replicas: 2'],
  ]
  it.each(cases)('with status %j', (status, expected) => {
    expect(verdict(object('apps/v1', 'ReplicaSet', { spec: { replicas: 2 }, status }))).toContain(expected)
  })
})

describe('Pod', () => {
  const now = new Date('2024-01-01T00:01:00Z')
  const crash = {
    containerStatuses: [{ name: 'a' }, { name: 'b', state: { waiting: { reason: 'CrashLoopBackOff' } } }],
  }
  const unschedulable = { phase: 'Pending', conditions: [condition('PodScheduled', 'False', 'Unschedulable')] }
  const cases: [Parts, string | undefined, string][] = [
    [{ phase: 'Succeeded' }, undefined, 'Current  | Pod has completed successfully'],
    [{ phase: 'Failed' }, undefined, 'Current  | Pod has completed, but not successfully'],
    [{ phase: 'Running', conditions: [condition('Ready', 'True')] }, undefined, 'Current  | Pod is Ready'],
    [{ phase: 'Running' }, undefined, 'InProgress PodRunningNotReady | Pod is running but is not Ready'],
    [{ phase: 'Running', ...crash }, undefined, 'Failed ContainerCrashLooping | Containers in CrashLoop state: b'],
    [{ phase: 'Pending' }, undefined, 'InProgress PodPending | Pod is in the Pending phase'],
    [unschedulable, '2024-01-01T00:00:50Z', 'InProgress PodNotScheduled | Pod has not been scheduled'],
    [unschedulable, '2024-01-01T00:00:40Z', 'Failed PodUnschedulable | Pod could not be scheduled'],
    [{}, undefined, 'InProgress PodNotObserved | Pod phase not available'],
    [{ phase: 'Odd' }, undefined, 'Unknown  | unknown phase Odd'],
  ]
  it.each(cases)('with status %j', (status, creationTimestamp, expected) => {
    expect(verdict(object('v1', 'Pod', { status }, { creationTimestamp }), { now })).toBe(expected)
  })
})

describe('Job', () => {
  const running = { startTime: 't', active: 1 }
  const cases: [Parts, Parts, string, string][] = [
    [{}, {}, 'InProgress JobNotStarted', 'InProgress JobNotStarted'],
    [{}, running, 'Current', 'InProgress'],
    [
      {},
      { ...running, conditions: [condition('Complete', 'True')], succeeded: 1 },
      'Current  | Job Completed. succeeded: 1/1',
      'Current',
    ],
    [
      {},
      { ...running, conditions: [condition('Failed', 'True')], failed: 1 },
      'Failed JobFailed | Job Failed. failed: 1/1',
      'Failed',
    ],
    [{ suspend: true }, { conditions: [condition('Suspended', 'True')] }, 'Current', 'Current'],
    [{ suspend: true }, {}, 'InProgress JobNotStarted', 'Current'],
  ]
  it.each(cases)('with spec %j and status %j: kstatus %s, Flux %s', (spec, status, kstatus, flux) => {
    const job = object('batch/v1', 'Job', { spec, status })
    expect(verdict(job)).toContain(kstatus)
    expect(verdict(job, { jobs: 'flux' })).toContain(flux)
  })
})

describe('other kinds', () => {
  const established = (status: string, reason?: string) => ({
    status: { conditions: [condition('Established', status, reason, 'm')] },
  })
  const crd = ['apiextensions.k8s.io/v1', 'CustomResourceDefinition'] as const
  const cases: [readonly [string, string], Parts, string][] = [
    [['v1', 'Secret'], {}, 'Current  | Resource is always ready'],
    [['v1', 'ConfigMap'], {}, 'Current  | Resource is always ready'],
    [['batch/v1', 'CronJob'], {}, 'Current  | Resource is always ready'],
    [
      ['v1', 'Service'],
      { spec: { type: 'LoadBalancer' } },
      'InProgress NoIPAssigned | ClusterIP not set. Service type: LoadBalancer',
    ],
    [['v1', 'Service'], { spec: { type: 'LoadBalancer', clusterIP: '10.0.0.1' } }, 'Current  | Service is ready'],
    [['v1', 'Service'], {}, 'Current  | Service is ready'],
    [['v1', 'PersistentVolumeClaim'], { status: { phase: 'Bound' } }, 'Current  | PVC is Bound'],
    [['v1', 'PersistentVolumeClaim'], {}, 'InProgress NotBound | PVC is not Bound. phase: unknown'],
    [['policy/v1', 'PodDisruptionBudget'], {}, 'Current'],
    [crd, {}, 'InProgress Installing | Install in progress'],
    [crd, established('False', 'Installing'), 'InProgress Installing | Install in progress'],
    [crd, established('False', 'Broken'), 'Failed Broken | m'],
    [crd, established('True'), 'Current  | CRD is established'],
    [crd, { status: { conditions: [condition('NamesAccepted', 'False', 'Taken', 'm')] } }, 'Failed Taken | m'],
  ]
  it.each(cases)('%j with %j', ([apiVersion, kind], parts, expected) => {
    expect(verdict(object(apiVersion, kind, parts))).toContain(expected)
  })
})

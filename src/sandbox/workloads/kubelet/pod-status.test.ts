import { describe, expect, it } from 'vitest'
import type { ContainerSpec, Pod } from '../shared/types.ts'
import { creatingStatus, runningStatus } from './pod-status.ts'

const place = { hostIP: '172.18.0.2', podIP: '10.244.0.2' }
const start = new Date('2026-01-01T00:00:00Z')
const later = (seconds: number) => new Date(start.getTime() + seconds * 1000)
const pod = (image: string, spec: Partial<Pod['spec']> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'default', uid: 'u' },
  spec: { containers: [{ name: 'web', image }], ...spec },
  status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'True' }] },
})
const step = (before: Pod, now: Date) => {
  const { status, next } = runningStatus(before, place, now)
  return { pod: { ...before, status }, next }
}
const init = (image: string): ContainerSpec[] => [{ name: 'prepare', image }]

describe('the status of a pod', () => {
  it('is Running and Ready with the conditions that a kubelet writes, and then stays the same', () => {
    const first = step(pod('nginx'), start)
    expect(first.pod.status).toMatchObject({ phase: 'Running', podIP: '10.244.0.2', startTime: '2026-01-01T00:00:00Z' })
    expect(first.pod.status.conditions?.map(one => `${one.type} ${one.status}`)).toEqual([
      'PodReadyToStartContainers True',
      'Initialized True',
      'Ready True',
      'ContainersReady True',
      'PodScheduled True',
    ])
    expect(first.next).toBeUndefined()
    expect(step(first.pod, later(60)).pod).toEqual(first.pod)
  })

  it('shows the making of containers before', () => {
    const status = creatingStatus(pod('nginx'), place, start)
    expect(status.containerStatuses?.[0]?.state.waiting?.reason).toBe('ContainerCreating')
    expect(status.conditions?.find(one => one.type === 'Ready')).toMatchObject({
      status: 'False',
      reason: 'ContainersNotReady',
      message: 'containers with unready status: [web]',
    })
    expect(step({ ...pod('nginx'), status }, later(1)).pod.status.phase).toBe('Running')
  })

  it('backs off from crashes: 10 s, 20 s, up to five minutes', () => {
    let { pod: now, next } = step(pod('nginx:crashloopbackoff'), start)
    let time = start.getTime()
    const waits: number[] = []
    for (let i = 0; i < 7; i++) {
      waits.push((next ?? 0) / 1000)
      expect(step(now, new Date(time + (next ?? 0) - 1000)).pod).toEqual(now)
      time += next ?? 0
      ;({ pod: now, next } = step(now, new Date(time)))
    }
    expect(waits).toEqual([10, 20, 40, 80, 160, 300, 300])
    expect(now.status.containerStatuses?.[0]).toMatchObject({
      restartCount: 8,
      lastState: { terminated: { exitCode: 1, reason: 'Error' } },
    })
    expect(now.status.phase).toBe('Running')
  })

  it('ends well or badly in pods that may end', () => {
    expect(step(pod('job', { restartPolicy: 'Never' }), start).pod.status.phase).toBe('Succeeded')
    expect(step(pod('job:exit-3', { restartPolicy: 'Never' }), start).pod.status.phase).toBe('Failed')
    const restarted = step(pod('job:exit-3', { restartPolicy: 'OnFailure' }), start)
    expect(restarted.pod.status).toMatchObject({ phase: 'Running', containerStatuses: [{ restartCount: 1 }] })
    const slow = step(pod('job:slow-5s', { restartPolicy: 'Never' }), start)
    expect([slow.pod.status.phase, slow.next]).toEqual(['Running', 5000])
    const done = step(slow.pod, later(5)).pod.status
    expect(done.phase).toBe('Succeeded')
    expect(done.containerStatuses?.[0]?.state.terminated).toMatchObject({
      startedAt: '2026-01-01T00:00:00Z',
      finishedAt: '2026-01-01T00:00:05Z',
    })
  })

  it('waits for init containers, and fails with them when nothing is restarted', () => {
    const blocked = step(pod('nginx', { initContainers: init('busybox:imagepullbackoff') }), start).pod.status
    expect(blocked.phase).toBe('Pending')
    expect(blocked.containerStatuses?.[0]?.state.waiting?.reason).toBe('PodInitializing')
    expect(blocked.conditions?.find(one => one.type === 'Initialized')?.reason).toBe('ContainersNotInitialized')
    expect(step(pod('nginx', { initContainers: init('busybox') }), start).pod.status.phase).toBe('Running')
    const never = pod('nginx', { initContainers: init('busybox:exit-1'), restartPolicy: 'Never' })
    expect(step(never, start).pod.status.phase).toBe('Failed')
  })

  it('starts a container anew when its image changes', () => {
    const first = step(pod('nginx:imagepullbackoff'), start).pod
    const healed = step({ ...first, spec: pod('nginx:1').spec }, later(5)).pod.status
    expect(healed).toMatchObject({ phase: 'Running', containerStatuses: [{ ready: true, image: 'nginx:1' }] })
    const ran = step(pod('nginx:1'), start).pod
    const replaced = step({ ...ran, spec: pod('nginx:2').spec }, later(5)).pod.status.containerStatuses?.[0]
    expect(replaced).toMatchObject({
      restartCount: 1,
      image: 'nginx:2',
      state: { running: { startedAt: '2026-01-01T00:00:05Z' } },
    })
  })

  it('keeps a pod from Ready until its readiness gates are met', () => {
    const gated = step(pod('nginx', { readinessGates: [{ conditionType: 'example.com/ok' }] }), start).pod
    const ready = (one: Pod) => one.status?.conditions?.find(condition => condition.type === 'Ready')
    expect(ready(gated)).toMatchObject({ status: 'False', reason: 'ReadinessGatesNotReady' })
    const conditions = [...(gated.status?.conditions ?? []), { type: 'example.com/ok', status: 'True' as const }]
    expect(ready(step({ ...gated, status: { ...gated.status, conditions } }, later(1)).pod)?.status).toBe('True')
  })
})

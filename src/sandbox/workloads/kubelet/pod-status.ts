import { withCondition } from '../shared/conditions.ts'
import { apiTime } from '../shared/times.ts'
import type { ContainerStatus, Pod, WorkloadCondition } from '../shared/types.ts'
import { stepContainer, waitingContainer } from './container.ts'

/** Where a pod runs. */
export interface PodPlace {
  readonly hostIP: string
  readonly podIP: string
}

/** A pod's status as it is now, and the milliseconds until it changes by itself. */
export interface PodView {
  readonly status: NonNullable<Pod['status']>
  readonly next?: number
}

/** The status of a pod whose containers are being made: what takes the time of the start. */
export function creatingStatus(pod: Pod, { hostIP }: PodPlace, now: Date): NonNullable<Pod['status']> {
  const inits = pod.spec.initContainers ?? []
  const waiting = inits.length > 0 ? 'PodInitializing' : 'ContainerCreating'
  const containerStatuses = pod.spec.containers.map(spec => waitingContainer(spec, waiting))
  const initContainerStatuses = inits.map(spec => waitingContainer(spec, 'PodInitializing'))
  return {
    ...base(pod, { hostIP, podIP: '' }, now),
    phase: 'Pending',
    conditions: conditionsOf(pod, { phase: 'Pending', initContainerStatuses, containerStatuses, sandbox: false }, now),
    ...(inits.length > 0 ? { initContainerStatuses } : {}),
    containerStatuses,
  }
}

/** The status of a pod as the kubelet writes it, when its containers have had the time to start. */
export function runningStatus(pod: Pod, place: PodPlace, now: Date): PodView {
  const policy = pod.spec.restartPolicy ?? 'Always'
  const known = (list: readonly ContainerStatus[] | undefined, name: string) => list?.find(one => one.name === name)
  const initContainerStatuses: ContainerStatus[] = []
  const waits: number[] = []
  let blocked = false
  for (const spec of pod.spec.initContainers ?? []) {
    if (blocked) {
      initContainerStatuses.push(waitingContainer(spec, 'PodInitializing'))
      continue
    }
    const sidecar = spec.restartPolicy === 'Always'
    // An init container is started again after a failure unless the pod is never restarted.
    const options = { policy: sidecar ? 'Always' : policy === 'Never' ? 'Never' : 'OnFailure', mayEnd: !sidecar, now }
    const view = stepContainer(pod, spec, known(pod.status?.initContainerStatuses, spec.name), options)
    initContainerStatuses.push(view.status)
    if (view.next !== undefined) waits.push(view.next)
    blocked = sidecar ? !view.status.started : view.status.state.terminated?.exitCode !== 0
  }
  const containerStatuses = pod.spec.containers.map(spec => {
    if (blocked) return waitingContainer(spec, 'PodInitializing')
    const options = { policy, mayEnd: policy !== 'Always', now }
    const view = stepContainer(pod, spec, known(pod.status?.containerStatuses, spec.name), options)
    if (view.next !== undefined) waits.push(view.next)
    return view.status
  })
  const phase = phaseOf(policy, initContainerStatuses, containerStatuses, blocked)
  return {
    status: {
      ...base(pod, place, now),
      phase,
      conditions: conditionsOf(pod, { phase, initContainerStatuses, containerStatuses, sandbox: true }, now),
      ...(initContainerStatuses.length > 0 ? { initContainerStatuses } : {}),
      containerStatuses,
    },
    ...(waits.length > 0 ? { next: Math.min(...waits) } : {}),
  }
}

function base(pod: Pod, { hostIP, podIP }: PodPlace, now: Date): NonNullable<Pod['status']> {
  const { containerStatuses: _, initContainerStatuses: __, ...rest } = pod.status ?? {}
  return {
    ...rest,
    hostIP,
    hostIPs: [{ ip: hostIP }],
    ...(podIP === '' ? {} : { podIP, podIPs: [{ ip: podIP }] }),
    startTime: pod.status?.startTime ?? apiTime(now),
  }
}

/** The phase that follows from the containers (kubelet `getPhase`). */
function phaseOf(
  policy: string,
  inits: readonly ContainerStatus[],
  containers: readonly ContainerStatus[],
  blocked: boolean,
): string {
  if (blocked) {
    const failed = policy === 'Never' && inits.some(({ state }) => (state.terminated?.exitCode ?? 0) !== 0)
    return failed ? 'Failed' : 'Pending'
  }
  if (containers.some(({ state, lastState }) => state.waiting && !lastState.terminated)) return 'Pending'
  if (containers.some(({ state }) => state.running) || policy === 'Always') return 'Running'
  // One that waits to be started again will run again.
  if (containers.some(({ state }) => !state.terminated)) return 'Running'
  return containers.every(({ state }) => state.terminated?.exitCode === 0) ? 'Succeeded' : 'Failed'
}

interface Parts {
  readonly phase: string
  readonly initContainerStatuses: readonly ContainerStatus[]
  readonly containerStatuses: readonly ContainerStatus[]
  /** Whether the pod's network is there. */
  readonly sandbox: boolean
}

type Facts = Pick<WorkloadCondition, 'status' | 'reason' | 'message'>

function conditionsOf(pod: Pod, parts: Parts, now: Date): WorkloadCondition[] {
  const { phase, initContainerStatuses, containerStatuses, sandbox } = parts
  const done = phase === 'Succeeded' ? 'PodCompleted' : phase === 'Failed' ? 'PodFailed' : undefined
  const sidecars = new Set(
    (pod.spec.initContainers ?? []).filter(one => one.restartPolicy === 'Always').map(one => one.name),
  )
  const incomplete = initContainerStatuses.filter(one =>
    sidecars.has(one.name) ? !one.started : one.state.terminated?.exitCode !== 0,
  )
  const unready = containerStatuses.filter(one => !one.ready)
  const names = (list: readonly ContainerStatus[]) => `[${list.map(one => one.name).join(' ')}]`
  const initialized: Facts =
    incomplete.length > 0
      ? {
          status: 'False',
          reason: 'ContainersNotInitialized',
          message: `containers with incomplete status: ${names(incomplete)}`,
        }
      : { status: 'True', ...(phase === 'Succeeded' ? { reason: 'PodCompleted' } : {}) }
  const containersReady: Facts =
    done !== undefined
      ? { status: 'False', reason: done }
      : unready.length > 0
        ? {
            status: 'False',
            reason: 'ContainersNotReady',
            message: `containers with unready status: ${names(unready)}`,
          }
        : { status: 'True' }
  const closed = (pod.spec.readinessGates ?? []).filter(
    gate => pod.status?.conditions?.find(one => one.type === gate.conditionType)?.status !== 'True',
  )
  const ready: Facts =
    containersReady.status === 'True' && closed.length > 0
      ? {
          status: 'False',
          reason: 'ReadinessGatesNotReady',
          message: closed
            .map(gate => `the status of pod readiness gate "${gate.conditionType}" is not "True", but False`)
            .join(', '),
        }
      : containersReady
  const own = new Map<string, Facts>([
    ['PodReadyToStartContainers', { status: sandbox && done === undefined ? 'True' : 'False' }],
    ['Initialized', initialized],
    ['Ready', ready],
    ['ContainersReady', containersReady],
  ])
  const before = pod.status?.conditions ?? []
  const others = before.filter(one => !own.has(one.type))
  return [...[...own].map(([type, facts]) => oneCondition(before, type, facts, now)), ...others]
}

function oneCondition(before: readonly WorkloadCondition[], type: string, facts: Facts, now: Date): WorkloadCondition {
  const was = before.find(one => one.type === type)
  const [made] = withCondition([], { type, ...facts }, now)
  const since = was?.status === facts.status ? was.lastTransitionTime : undefined
  return { ...made!, ...(since === undefined ? {} : { lastTransitionTime: since }) }
}

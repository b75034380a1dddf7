import { createHash } from 'node:crypto'
import { formatDuration } from '../../../base/duration.ts'
import { apiTime, timeOf } from '../shared/times.ts'
import type { ContainerSpec, ContainerState, ContainerStatus, Pod } from '../shared/types.ts'
import { behaviorOf } from './behavior.ts'

/** A container as it is now, and when it changes by itself. */
export interface ContainerView {
  readonly status: ContainerStatus
  /** Milliseconds until its next change; undefined when none is due. */
  readonly next?: number
}

/** The waits between restarts, as the kubelet has them: 10 s, doubled up to 5 minutes. */
const firstBackoffMs = 10_000
const lastBackoffMs = 300_000

/** How many milliseconds a container waits before it is started again. */
export function restartDelay(restarts: number): number {
  return Math.min(lastBackoffMs, firstBackoffMs * 2 ** Math.max(0, restarts - 1))
}

/** What a container is while its turn has not come. */
export function waitingContainer(
  spec: ContainerSpec,
  reason: 'ContainerCreating' | 'PodInitializing',
): ContainerStatus {
  return { ...blank(spec), state: { waiting: { reason } } }
}

/**
 * Takes a container one step on from what the pod's status says of it.
 * @param policy What becomes of it when it ends: the pod's restart policy, or that of a sidecar.
 * @param mayEnd Whether it is made to end: an init container, or one of a pod that is not restarted always.
 */
export function stepContainer(
  pod: Pod,
  spec: ContainerSpec,
  before: ContainerStatus | undefined,
  options: { readonly policy: string; readonly mayEnd: boolean; readonly now: Date },
): ContainerView {
  const { policy, mayEnd, now } = options
  const behavior = behaviorOf(spec.image)
  // Another image in place of the one that ran: the container starts anew.
  const changed = before !== undefined && before.containerID !== undefined && before.image !== spec.image
  const restarts = (before?.restartCount ?? 0) + (changed ? 1 : 0)
  const kept = changed ? undefined : before
  if (kept?.state.terminated && !restarted(policy, kept.state.terminated.exitCode)) return { status: kept }
  switch (behavior.kind) {
    case 'unpullable':
      return { status: { ...blank(spec), restartCount: restarts, state: pullState(spec.image) } }
    case 'exit':
      return ended(pod, spec, kept, restarts, behavior.code, policy, now)
    case 'unready':
      return { status: running(pod, spec, kept, restarts, now, false) }
    case 'slow': {
      const started = running(pod, spec, kept, restarts, now, false)
      const since = timeOf(started.state.running?.startedAt) ?? now.getTime()
      const left = since + behavior.ms - now.getTime()
      if (left > 0) return { status: started, next: left }
      return mayEnd
        ? { status: finished(pod, spec, restarts, 0, new Date(since), now) }
        : { status: { ...started, ready: true } }
    }
    case 'well':
      return mayEnd
        ? { status: finished(pod, spec, restarts, 0, now, now) }
        : { status: running(pod, spec, kept, restarts, now, true) }
  }
}

function restarted(policy: string, exitCode: number): boolean {
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0)
}

function ended(
  pod: Pod,
  spec: ContainerSpec,
  before: ContainerStatus | undefined,
  restarts: number,
  code: number,
  policy: string,
  now: Date,
): ContainerView {
  if (!restarted(policy, code)) return { status: finished(pod, spec, restarts, code, now, now) }
  const last = timeOf(before?.lastState.terminated?.finishedAt)
  // The first restart is at once; from the second on the kubelet waits.
  const count = last === undefined ? restarts + 1 : restarts
  const due = last === undefined ? 0 : last + restartDelay(count) - now.getTime()
  if (before && due > 0) return { status: before, next: due }
  const total = last === undefined ? count : count + 1
  const { terminated } = finished(pod, spec, total, code, now, now).state
  const wait = formatDuration(restartDelay(total))
  const where = `pod=${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`
  const message = `back-off ${wait} restarting failed container=${spec.name} ${where}`
  const status: ContainerStatus = {
    ...blank(spec),
    ...identity(pod, spec, total),
    restartCount: total,
    state: { waiting: { reason: 'CrashLoopBackOff', message } },
    lastState: terminated ? { terminated } : {},
  }
  return { status, next: restartDelay(total) }
}

function running(
  pod: Pod,
  spec: ContainerSpec,
  before: ContainerStatus | undefined,
  restarts: number,
  now: Date,
  ready: boolean,
): ContainerStatus {
  const startedAt = before?.state.running?.startedAt ?? apiTime(now)
  const lastState: ContainerState = before?.lastState ?? {}
  return {
    ...blank(spec),
    ...identity(pod, spec, restarts),
    restartCount: restarts,
    started: true,
    ready,
    state: { running: { startedAt } },
    lastState,
  }
}

function finished(
  pod: Pod,
  spec: ContainerSpec,
  restarts: number,
  exitCode: number,
  from: Date,
  to: Date,
): ContainerStatus {
  const ids = identity(pod, spec, restarts)
  const reason = exitCode === 0 ? 'Completed' : 'Error'
  const terminated = {
    exitCode,
    reason,
    startedAt: apiTime(from),
    finishedAt: apiTime(to),
    containerID: ids.containerID,
  }
  return { ...blank(spec), ...ids, restartCount: restarts, state: { terminated } }
}

function blank({ name, image }: ContainerSpec): ContainerStatus {
  return { name, image, imageID: '', ready: false, started: false, restartCount: 0, state: {}, lastState: {} }
}

function identity(
  pod: Pod,
  { name, image }: ContainerSpec,
  restarts: number,
): { readonly containerID: string; readonly imageID: string } {
  const repository = image.split('@')[0]!.replace(/:[^:/]*$/, '')
  return {
    containerID: `containerd://${sha256(`${pod.metadata.uid}/${name}/${restarts}`)}`,
    imageID: `${repository}@sha256:${sha256(image)}`,
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function pullState(image: string): ContainerState {
  const why = `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": ${image}: not found`
  return {
    waiting: { reason: 'ImagePullBackOff', message: `Back-off pulling image "${image}": ErrImagePull: ${why}` },
  }
}

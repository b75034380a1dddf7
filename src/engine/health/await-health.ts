import { alarm } from '../../base/alarm.ts'
import type { Clock } from '../../base/clock.ts'
import { formatDuration } from '../../base/duration.ts'
import { computeHealth } from '../../kube/health/index.ts'
import { formatRef, type ObjectRef, refKey } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { LiveObjects } from '../live/live-objects.ts'
import type { ObjectWatches } from '../live/object-watches.ts'
import type { HealthRules } from './expressions.ts'

export interface HealthInput {
  readonly live: LiveObjects
  readonly watches: ObjectWatches
  readonly clock: Clock
  /** What must become healthy. */
  readonly refs: readonly ObjectRef[]
  readonly rules: HealthRules
}

/** How one object is. */
export interface ObjectHealth {
  readonly ref: ObjectRef
  readonly status: string
  readonly message: string
}

/** Every object that is not healthy now, as the watches show them: no call is made. */
export function unhealthy(input: HealthInput): ObjectHealth[] {
  return input.refs.map(ref => healthOf(input, ref)).filter(({ status }) => status !== 'Current')
}

function healthOf({ live, watches, rules, clock }: HealthInput, ref: ObjectRef): ObjectHealth {
  const object: KubeObject | undefined = live.get(ref)?.object ?? watches.peek(ref)
  const ruled = object && rules.judge(object)
  const { status, message } = ruled ?? computeHealth(object, { jobs: 'flux', now: clock.now() })
  return { ref, status, message }
}

export type HealthOutcome =
  | { readonly kind: 'healthy'; readonly tookMs: number }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'cancelled' }

/**
 * Waits until all objects are healthy, one of them has failed for good, or time is up. Nothing is polled: each change that
 * a watch reports is judged when it comes. `cancel` ends the wait early.
 */
export function awaitHealth(input: HealthInput, timeoutMs: number, cancel: AbortSignal): Promise<HealthOutcome> {
  const { live, watches, clock } = input
  const started = clock.monotonic()
  const took = () => clock.monotonic() - started
  const byKey = new Map(input.refs.map(ref => [refKey(ref), ref]))
  const open = new Map<string, ObjectHealth>()
  return new Promise(resolve => {
    const done = (outcome: HealthOutcome): void => {
      endLive()
      endWatches()
      cancel.removeEventListener('abort', cancelled)
      callOff()
      resolve(outcome)
    }
    const cancelled = () => done({ kind: 'cancelled' })
    const judge = (key: string): void => {
      const ref = byKey.get(key)
      const health = ref && healthOf(input, ref)
      if (health === undefined) return
      if (health.status === 'Current') open.delete(key)
      else open.set(key, health)
    }
    const look = (key: string): void => {
      judge(key)
      if (open.size > 0 && ![...open.values()].some(({ status }) => status === 'Failed')) return
      for (const one of byKey.keys()) judge(one)
      if (open.size === 0) return done({ kind: 'healthy', tookMs: took() })
      const failed = [...open.values()].filter(({ status }) => status === 'Failed')
      if (failed.length > 0) {
        done({ kind: 'failed', message: failure(took(), 'failed early due to stalled resources', failed) })
      }
    }
    const endLive = live.onChangeOf(byKey.keys(), (_event, key) => look(key))
    const endWatches = watches.onChange(ref => {
      if (byKey.has(refKey(ref))) look(refKey(ref))
    })
    cancel.addEventListener('abort', cancelled, { once: true })
    const timeUp = () => done({ kind: 'failed', message: failure(took(), 'timeout waiting for', unhealthy(input)) })
    const callOff = alarm(clock, Math.min(timeoutMs, longestMs), timeUp)
    for (const key of byKey.keys()) judge(key)
    if (cancel.aborted) cancelled()
    else look('')
  })
}

/** The longest wait one timer of the runtime can hold. */
const longestMs = 2_147_000_000

/** Names the culprits, in Flux's words. */
function failure(tookMs: number, what: string, culprits: readonly ObjectHealth[]): string {
  const names = culprits.map(
    ({ ref, status, message }) => `${formatRef(ref)} status: '${status}'${message === '' ? '' : `: ${message}`}`,
  )
  return `health check failed after ${formatDuration(Math.round(tookMs))}: ${what}: [${names.join(', ')}]`
}

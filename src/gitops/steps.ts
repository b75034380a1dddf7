import type { Clock } from '../base/clock.ts'
import { asSluiceError, type SluiceError } from '../base/errors/index.ts'
import type { EffectSeam } from '../bootstrap/index.ts'
import type { CheckLine } from '../forges/index.ts'
import type { ObjectRef } from '../kube/identity.ts'

/** One thing that a step changes, ready to be printed. */
export type GitOpsChange =
  | ({ readonly kind: 'check' } & CheckLine)
  | {
      readonly kind: 'repository'
      readonly name: string
      readonly action: 'create' | 'keep' | 'delete'
    }
  | { readonly kind: 'refs'; readonly from: string; readonly to: string; readonly refs: readonly string[] }
  | {
      readonly kind: 'file'
      /** Where: `main of acme/fleet`. */
      readonly where: string
      readonly path: string
      readonly action: 'create' | 'update' | 'delete'
      readonly diff: string
    }
  | {
      readonly kind: 'object'
      readonly ref: ObjectRef
      readonly action: 'create' | 'configure' | 'keep' | 'delete'
      /** What changes of it: `spec.url: a → b`. */
      readonly fields?: readonly string[]
    }

/** What looking at a step found. */
export interface Inspected {
  readonly state: 'done' | 'to-do'
  /** One sentence: what is, or what will be done. */
  readonly summary: string
  readonly changes: readonly GitOpsChange[]
  readonly notes?: readonly string[]
}

export interface PlannedStep extends Omit<Inspected, 'state'> {
  readonly id: string
  readonly title: string
  readonly state: Inspected['state'] | 'blocked' | 'not-run'
  readonly problem?: SluiceError
}

/** What every context of a run holds. */
export interface RunContext {
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly onEvent?: (event: StepEvent) => void
  readonly effect?: EffectSeam
}

/** A step: `inspect` reads only, `apply` brings the world to what it said, and is safe to repeat. */
export interface GitOpsStep<C extends RunContext, S> {
  readonly id: string
  readonly title: string
  inspect(context: C, state: S): Promise<Inspected>
  /** One sentence in the past tense. */
  apply(context: C, state: S): Promise<string>
}

export type StepEvent =
  | { readonly type: 'step-started'; readonly title: string }
  | { readonly type: 'step-progress'; readonly text: string }
  | { readonly type: 'step-finished'; readonly title: string; readonly summary: string; readonly ms: number }
  | { readonly type: 'step-failed'; readonly title: string; readonly error: SluiceError; readonly ms: number }
  | { readonly type: 'step-skipped'; readonly title: string }

export interface StepsReport {
  readonly outcome: 'done' | 'failed'
  readonly steps: readonly {
    readonly id: string
    readonly title: string
    readonly outcome: 'done' | 'unchanged' | 'failed' | 'not-run'
    readonly summary: string
  }[]
  readonly error?: SluiceError
}

/** Looks at every step and writes nothing. After one that cannot go on, later ones are `not-run`. */
export async function planSteps<C extends RunContext, S>(
  steps: readonly GitOpsStep<C, S>[],
  context: C,
  state: S,
): Promise<PlannedStep[]> {
  const plan: PlannedStep[] = []
  let blocked = false
  for (const { id, title, ...step } of steps.map(one => ({ id: one.id, title: one.title, one }))) {
    if (blocked) {
      plan.push({ id, title, state: 'not-run', summary: 'not looked at', changes: [] })
      continue
    }
    context.signal.throwIfAborted()
    try {
      plan.push({ id, title, ...(await step.one.inspect(context, state)) })
    } catch (thrown) {
      context.signal.throwIfAborted()
      const problem = asSluiceError(thrown)
      plan.push({ id, title, state: 'blocked', summary: problem.message, changes: [], problem })
      blocked = true
    }
  }
  return plan
}

/**
 * Carries the steps out. Each looks at the world first, so that a run that was ended anywhere is finished by the next one.
 * A failed step does not throw: the report says it, and later steps are not run.
 */
export async function applySteps<C extends RunContext, S>(
  steps: readonly GitOpsStep<C, S>[],
  context: C,
  state: S,
): Promise<StepsReport> {
  const { clock, onEvent, signal } = context
  const done: StepsReport['steps'][number][] = []
  let error: SluiceError | undefined
  for (const step of steps) {
    const { id, title } = step
    if (error) {
      onEvent?.({ type: 'step-skipped', title })
      done.push({ id, title, outcome: 'not-run', summary: 'not run' })
      continue
    }
    const started = clock.monotonic()
    onEvent?.({ type: 'step-started', title })
    try {
      signal.throwIfAborted()
      const seen = await step.inspect(context, state)
      for (const text of seen.notes ?? []) onEvent?.({ type: 'step-progress', text })
      const summary = seen.state === 'to-do' ? await step.apply(context, state) : seen.summary
      onEvent?.({ type: 'step-finished', title, summary, ms: clock.monotonic() - started })
      done.push({ id, title, outcome: seen.state === 'to-do' ? 'done' : 'unchanged', summary })
    } catch (thrown) {
      signal.throwIfAborted()
      error = asSluiceError(thrown)
      onEvent?.({ type: 'step-failed', title, error, ms: clock.monotonic() - started })
      done.push({ id, title, outcome: 'failed', summary: error.message })
    }
  }
  return { outcome: error ? 'failed' : 'done', steps: done, ...(error ? { error } : {}) }
}

/** Runs an effect on the world through the seam of the context, if it has one. */
export function effect<T>(context: RunContext, name: string, work: () => Promise<T>): Promise<T> {
  return context.effect ? context.effect(name, work) : work()
}

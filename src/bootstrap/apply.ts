import { asSluiceError, SluiceError } from '../base/errors/index.ts'
import { refuseUnapproved } from './approval.ts'
import { endedIn, isGoingOn, type Journal, journalPath, readJournal, writeJournal } from './journal.ts'
import { bootstrapSteps } from './steps/index.ts'
import type { BootstrapContext, BootstrapReport, BootstrapStep, RunState } from './types.ts'

type ReportedStep = BootstrapReport['steps'][number]

/**
 * Carries a bootstrap out, step by step. Each step looks at the world first and changes only what is missing, so that a
 * run that was ended anywhere is finished by the next one. It does not throw for a failed step: the report says it.
 *
 * @throws the signal's reason when the run was stopped
 */
export async function applyBootstrap(
  context: BootstrapContext,
  todo: readonly BootstrapStep[] = bootstrapSteps,
): Promise<BootstrapReport> {
  const { fleet, clock } = context
  const path = journalPath(context.dataDir, {
    server: context.client.server,
    repository: `${context.forge.host}/${fleet.owner}/${fleet.repository}`,
    branch: fleet.branch,
    path: fleet.path,
  })
  const before = await readJournal(path)
  let journal: Journal = {
    started: before?.started ?? clock.now().toISOString(),
    runs: (before?.runs ?? 0) + 1,
    steps: before?.steps ?? {},
  }
  // Where nothing can be written, nothing is begun.
  await writeJournal(path, journal)
  const from = before && endedIn(before)
  const step = todo.find(({ id }) => id === from)
  if (before && step)
    context.onEvent?.({ type: 'resumed', step: step.id, title: step.title, beside: isGoingOn(before) })

  // A record that can be kept no longer (a full disk) does not undo what was done, and does not stop the rest.
  const note = (now: Journal) =>
    writeJournal(path, now).catch(fault =>
      context.logger.warn('no journal of this bootstrap', { error: String(fault) }),
    )
  const state: RunState = { dryRun: false }
  const steps: ReportedStep[] = []
  let error: SluiceError | undefined
  for (const step of todo) {
    if (error) {
      context.onEvent?.({ type: 'step-skipped', step: step.id, title: step.title })
      steps.push({ id: step.id, title: step.title, outcome: 'not-run', summary: 'not run', seconds: 0 })
      continue
    }
    journal = { ...journal, running: step.id, pid: process.pid }
    await note(journal)
    const done = await runStep(step, context, state)
    error = done.error
    steps.push(done.reported)
    if (done.reported.outcome !== 'not-run') {
      const entry = { outcome: done.reported.outcome, at: clock.now().toISOString(), summary: done.reported.summary }
      const { running: _, pid: __, ...rest } = journal
      journal = { ...rest, steps: { ...journal.steps, [step.id]: entry } }
    }
  }
  await note(journal)
  return {
    outcome: error ? 'failed' : 'done',
    steps,
    ...(error ? { error } : {}),
    repository: {
      owner: fleet.owner,
      name: fleet.repository,
      url: context.forge.remote(fleet.owner, fleet.repository).url,
      branch: fleet.branch,
      path: fleet.path,
    },
    ...(state.engineInCluster === true ? { engineInCluster: true } : {}),
    ...(state.commit === undefined ? {} : { commit: state.commit }),
    ...(state.pullRequest === undefined ? {} : { pullRequest: state.pullRequest }),
  }
}

async function runStep(
  step: BootstrapStep,
  context: BootstrapContext,
  state: RunState,
): Promise<{ reported: ReportedStep; error?: SluiceError }> {
  const started = context.clock.monotonic()
  const elapsed = () => context.clock.monotonic() - started
  const reported = (outcome: ReportedStep['outcome'], summary: string): ReportedStep => ({
    id: step.id,
    title: step.title,
    outcome,
    summary,
    seconds: Math.round(elapsed()) / 1000,
  })
  context.onEvent?.({ type: 'step-started', step: step.id, title: step.title })
  try {
    context.signal.throwIfAborted()
    const plan = await step.inspect(context, state)
    if (plan.state === 'blocked')
      throw plan.problem ?? new SluiceError('E_INTERNAL', { object: step.id, seen: plan.summary })
    refuseUnapproved(context.approval, plan)
    for (const text of plan.notes ?? []) context.onEvent?.({ type: 'step-progress', step: step.id, text })
    const outcome = plan.state === 'to-do' ? 'done' : 'unchanged'
    const summary = plan.state === 'to-do' ? (await step.apply(context, state, plan)).summary : plan.summary
    context.onEvent?.({ type: 'step-finished', step: step.id, outcome, summary, ms: elapsed() })
    return { reported: reported(outcome, summary) }
  } catch (thrown) {
    // A stop is no failure of the step: the next run goes on here.
    context.signal.throwIfAborted()
    const error = asSluiceError(thrown)
    context.onEvent?.({ type: 'step-failed', step: step.id, error, ms: elapsed() })
    return { reported: reported('failed', error.message), error }
  }
}

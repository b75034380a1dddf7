import { createHash } from 'node:crypto'
import { SluiceError } from '../base/errors/index.ts'
import { formatRef } from '../kube/identity.ts'
import type { PlannedChange, StepPlan } from './types.ts'

/** What a plan says that will be, in digests: it can be kept, and held against a later look at the same world. */
export interface Approval {
  /** What each file of the fleet holds afterwards, by its path. */
  readonly files: Readonly<Record<string, string>>
  /** What is done to each object, by its name. */
  readonly objects: Readonly<Record<string, { readonly action: string; readonly diff: string }>>
  /** Whether the repository is made, and private. */
  readonly repository: string
  /** What is said of counts that change, and of what stays. */
  readonly notes: readonly string[]
}

/** What somebody agrees to who agrees to a plan. */
export function approvalOf(steps: readonly StepPlan[]): Approval {
  const changes = steps.flatMap(step => step.changes)
  const repository = changes.find(change => change.kind === 'repository')
  return {
    files: Object.fromEntries(
      changes.flatMap(change => (change.kind === 'file' ? [[change.path, change.content ?? ''] as const] : [])),
    ),
    objects: Object.fromEntries(
      changes.flatMap(change =>
        change.kind === 'object'
          ? [[formatRef(change.ref), { action: change.action, diff: digest(change.diff) }] as const]
          : [],
      ),
    ),
    repository: repository === undefined ? 'keep' : repositoryText(repository),
    notes: notesOf(steps),
  }
}

/**
 * Refuses a step that would do anything else than what was agreed to. What is done already is as agreed: a run that was
 * ended goes on.
 *
 * @throws E_BOOTSTRAP_PLAN_MOVED
 */
export function refuseUnapproved(
  approval: Approval | undefined,
  step: Pick<StepPlan, 'id' | 'changes' | 'notes'>,
): void {
  if (approval === undefined) return
  for (const change of step.changes) {
    const difference = differenceOf(approval, change)
    if (difference !== undefined) throw new SluiceError('E_BOOTSTRAP_PLAN_MOVED', difference)
  }
  if (step.id === 'files') refuseOther(approval, step)
}

function refuseOther(approval: Approval, step: Pick<StepPlan, 'id' | 'changes' | 'notes'>): void {
  const paths = new Set(step.changes.flatMap(change => (change.kind === 'file' ? [change.path] : [])))
  const missing = Object.keys(approval.files).find(path => !paths.has(path))
  if (missing !== undefined)
    throw new SluiceError('E_BOOTSTRAP_PLAN_MOVED', { object: missing, expected: 'a file of the plan', seen: 'none' })
  const said = (step.notes ?? []).find(note => !approval.notes.includes(note))
  if (said !== undefined)
    throw new SluiceError('E_BOOTSTRAP_PLAN_MOVED', { object: 'the fleet', expected: 'as in the plan', seen: said })
}

function differenceOf(approval: Approval, change: PlannedChange) {
  if (change.kind === 'file') {
    const wanted = approval.files[change.path]
    if (wanted === change.content) return undefined
    const seen = wanted === undefined ? 'a file that is not in it' : 'another text'
    return { object: change.path, expected: 'what the plan shows', seen }
  }
  if (change.kind === 'repository') {
    // One that is there now is what was wanted; one that is gone is not.
    if (change.action === 'keep' || repositoryText(change) === approval.repository) return undefined
    return { object: change.name, expected: 'a repository that is there', seen: 'none' }
  }
  if (change.kind !== 'object' || change.action === 'keep') return undefined
  const object = formatRef(change.ref)
  const wanted = approval.objects[object]
  if (wanted?.action === change.action && wanted.diff === digest(change.diff)) return undefined
  const seen = `it would be ${change.action === 'create' ? 'made' : 'changed otherwise'}`
  return { object, expected: `as in the plan: ${wanted?.action ?? 'not in it'}`, seen }
}

function repositoryText(change: Extract<PlannedChange, { kind: 'repository' }>): string {
  return `${change.action} ${change.private ? 'private' : 'public'}`
}

function notesOf(steps: readonly StepPlan[]): string[] {
  return steps.filter(step => step.id === 'files').flatMap(step => [...(step.notes ?? [])])
}

function digest(text = ''): string {
  return createHash('sha256').update(text).digest('hex')
}

import type { GitOpsChange, PlannedStep } from '../../gitops/index.ts'
import { redact } from '../../secrets/secret.ts'
import type { MovePlan } from '../contract/move.ts'

type Change = MovePlan['steps'][number]['changes'][number]

const longestDiff = 20_000
const mostChanges = 300

/** A plan as the API gives it: no secrets, and nothing endless. */
export function planView(target: string, steps: readonly PlannedStep[]): MovePlan {
  return {
    target,
    steps: steps.map(({ id, title, state, summary, notes = [], changes, problem }) => ({
      id,
      title,
      state,
      summary: redact(summary),
      ...(problem === undefined ? {} : { next: redact(problem.next) }),
      notes: notes.map(redact),
      changes: changes.slice(0, mostChanges).map(viewOf),
    })),
  }
}

function viewOf(change: GitOpsChange): Change {
  if (change.kind === 'check') {
    const { title, status, detail } = change
    return { kind: 'check', name: title, action: status, ...(detail === undefined ? {} : { detail: redact(detail) }) }
  }
  if (change.kind === 'repository') return { kind: 'repository', name: change.name, action: change.action }
  if (change.kind === 'refs') {
    const { from, to, refs } = change
    return { kind: 'refs', name: `${from} → ${to}`, action: 'carry', detail: refs.slice(0, 50).join(', ') }
  }
  if (change.kind === 'file') {
    const { where, path, action, diff } = change
    const cut = diff.length > longestDiff ? `${diff.slice(0, longestDiff)}\n… the rest is not shown\n` : diff
    return { kind: 'file', name: path, action, detail: where, diff: redact(cut) }
  }
  const { ref, action, fields } = change
  const name = [ref.kind, ref.namespace, ref.name].filter(Boolean).join('/')
  return { kind: 'object', name, action, ...(fields === undefined ? {} : { detail: redact(fields.join('; ')) }) }
}

import type { GitOpsChange, PlannedStep, StepEvent } from '../../gitops/index.ts'
import { formatRef } from '../../kube/identity.ts'
import { type CliIo, note } from '../io.ts'
import { diffLines } from './bootstrap.ts'
import { checkLineText } from './check.ts'
import { formatMs } from './engine-event.ts'
import { printable } from './printable.ts'
import type { Style } from './style.ts'

const signs = { create: '+', configure: '~', update: '~', delete: '-', keep: '=' } as const

/** A plan as text: each step with its state, and below it every change. */
export function renderSteps(plan: readonly PlannedStep[], style: Style): string {
  const lines: string[] = []
  for (const [i, step] of plan.entries()) {
    lines.push(`${mark(step, style)} ${i + 1}. ${style.bold(step.title)}: ${printable(step.summary)}`)
    for (const text of step.notes ?? []) lines.push(`     ${style.attention('note')} ${printable(text)}`)
    for (const change of step.changes) lines.push(...changeLines(change, style))
  }
  const blocked = plan.some(step => step.state === 'blocked')
  const todo = plan.filter(step => step.state === 'to-do').length
  lines.push('', blocked ? 'The plan cannot be carried out.' : `${todo} of ${plan.length} steps have something to do.`)
  return `${lines.join('\n')}\n`
}

function mark({ state }: PlannedStep, style: Style): string {
  if (state === 'done') return style.good('✔')
  if (state === 'to-do') return style.moving('+')
  return state === 'blocked' ? style.bad('✗') : style.dim('○')
}

function changeLines(change: GitOpsChange, style: Style): string[] {
  const paint = (action: keyof typeof signs, text: string) =>
    action === 'keep'
      ? style.dim(`${signs[action]} ${text}`)
      : `${(action === 'delete' ? style.bad : style.good)(signs[action])} ${text}`
  switch (change.kind) {
    case 'check':
      return checkLineText(change, style)
        .split('\n')
        .map(line => `     ${line}`)
    case 'repository':
      return [`     ${paint(change.action, `repository ${printable(change.name)}`)}`]
    case 'refs':
      return [
        `     ${paint('create', `${printable(change.to)}: ${change.refs.slice(0, 10).map(printable).join(', ')}${change.refs.length > 10 ? ` and ${change.refs.length - 10} more` : ''}`)}`,
      ]
    case 'file':
      return [
        `     ${paint(change.action, `${printable(change.path)} ${style.dim(`(${printable(change.where)})`)}`)}`,
        ...(change.diff === '' ? [] : diffLines(change.diff, style)),
      ]
    case 'object':
      return [
        `     ${paint(change.action, formatRef(change.ref))}`,
        ...(change.fields ?? []).map(field => `         ${style.dim(printable(field))}`),
      ]
  }
}

/** Prints each step as it happens, on standard error. */
export function stepReporter(io: CliIo): (event: StepEvent) => void {
  const { err } = io
  return event => {
    switch (event.type) {
      case 'step-started':
        return note(io, `${err.moving('►')} ${event.title}`)
      case 'step-progress':
        return note(io, `  ${err.dim(printable(event.text))}`)
      case 'step-finished':
        return note(io, `${err.good('✔')} ${event.title}: ${printable(event.summary)} ${err.dim(formatMs(event.ms))}`)
      case 'step-failed':
        return note(io, `${err.bad('✗')} ${event.title} ${err.dim(formatMs(event.ms))}`)
      case 'step-skipped':
        return note(io, `${err.dim('○')} ${event.title}: not run`)
    }
  }
}

import type { BootstrapEvent, BootstrapReport, PlannedChange, StepPlan } from '../../bootstrap/types.ts'
import type { Forge } from '../../forges/types.ts'
import { formatRef } from '../../kube/identity.ts'
import { type CliIo, note } from '../io.ts'
import { checkLineText } from './check.ts'
import { formatMs } from './engine-event.ts'
import { printable } from './printable.ts'
import { reviewReporter } from './review.ts'
import type { Style } from './style.ts'

/** A plan as text: each step with its state, and below it every change with its diff. */
export function renderPlan(plan: readonly StepPlan[], style: Style): string {
  const lines: string[] = []
  for (const [i, step] of plan.entries()) {
    lines.push(`${planMark(step, style)} ${i + 1}. ${style.bold(step.title)}: ${step.summary}`)
    for (const text of step.notes ?? []) lines.push(`     ${style.attention('note')} ${text}`)
    for (const change of step.changes) lines.push(...changeLines(change, style))
  }
  const todo = plan.filter(step => step.state === 'to-do').length
  const blocked = plan.some(step => step.state === 'blocked')
  lines.push(
    '',
    blocked
      ? 'The plan cannot be carried out.'
      : todo === 0
        ? 'Nothing to do: the cluster agrees with Git.'
        : `${todo} of ${plan.length} steps have something to do.`,
  )
  return `${lines.join('\n')}\n`
}

function planMark(step: StepPlan, style: Style): string {
  if (step.state === 'done') return style.good('✔')
  if (step.state === 'to-do') return style.moving('+')
  return step.state === 'blocked' ? style.bad('✗') : style.dim('○')
}

function changeLines(change: PlannedChange, style: Style): string[] {
  switch (change.kind) {
    case 'check':
      return checkLineText(change, style)
        .split('\n')
        .map(line => `     ${line}`)
    case 'file':
      if (change.action === 'keep') return [`     ${style.dim(`= ${change.path}`)}`]
      return [
        `     ${style.good(change.action === 'create' ? '+' : '~')} ${change.path}`,
        ...diffLines(change.diff, style),
      ]
    case 'object':
      return [
        change.action === 'keep'
          ? `     ${style.dim(`= ${formatRef(change.ref)}`)}`
          : change.action === 'delete'
            ? `     ${style.bad('-')} ${formatRef(change.ref)}`
            : `     ${style.good(change.action === 'create' ? '+' : '~')} ${formatRef(change.ref)}`,
      ]
    case 'repository':
    case 'branch':
      return []
  }
}

/** A unified diff, indented and coloured, without its two head lines; long ones are cut with a count. */
export function diffLines(diff: string, style: Style, indent = '         ', most = 400): string[] {
  const lines = diff.split('\n').filter(line => line !== '' && !/^(---|\+\+\+) /.test(line))
  const shown = lines.slice(0, most).map(line => {
    const text = printable(line)
    if (line.startsWith('+')) return indent + style.good(text)
    if (line.startsWith('-')) return indent + style.bad(text)
    return indent + style.dim(text)
  })
  return lines.length > most ? [...shown, `${indent}… ${lines.length - most} more lines (-o json has all)`] : shown
}

/** Prints each step as it happens, on standard error. */
export function bootstrapReporter(io: CliIo, forge?: Pick<Forge, 'capabilities'>): (event: BootstrapEvent) => void {
  const { err } = io
  const review = reviewReporter(io, forge, '  ')
  let title = ''
  return event => {
    switch (event.type) {
      case 'resumed':
        return note(
          io,
          event.beside
            ? `${err.attention('!')} another bootstrap of this fleet is at "${event.title}" now: what it makes is found, not made again`
            : `${err.moving('►')} goes on where an earlier run ended, in "${event.title}"`,
        )
      case 'step-started':
        title = event.title
        return note(io, `${err.moving('►')} ${event.title}`)
      case 'check':
        return note(io, `  ${checkLineText(event.line, err).replaceAll('\n', '\n  ')}`)
      case 'review':
        return review(event.event)
      case 'step-progress':
        return note(io, `  ${err.dim(printable(event.text))}`)
      case 'step-finished':
        return note(io, `${err.good('✔')} ${title}: ${printable(event.summary)} ${err.dim(formatMs(event.ms))}`)
      case 'step-failed':
        return note(io, `${err.bad('✗')} ${title} ${err.dim(formatMs(event.ms))}`)
      case 'step-skipped':
        return note(io, `${err.dim('○')} ${event.title}: not run`)
    }
  }
}

/** The end of a bootstrap, or of another run of steps, for people. */
export function renderReport(report: BootstrapReport, style: Style, what = 'bootstrap'): string {
  const { repository } = report
  if (report.outcome === 'failed')
    return `${style.bad(`The ${what} stopped.`)} Run the same command again: it goes on here.\n`
  return [
    `${style.good('The cluster agrees with Git.')}`,
    `  repository  ${repository.url} (${repository.branch}, ${repository.path})`,
    `  commit      ${report.commit ?? 'none'}`,
    ...(report.pullRequest === undefined ? [] : [`  reviewed    ${report.pullRequest}`]),
    '',
  ].join('\n')
}

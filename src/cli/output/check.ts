import type { CheckLine } from '../../forges/index.ts'
import { formatMs } from './engine-event.ts'
import { printable } from './printable.ts'
import type { Style } from './style.ts'

/** One line of a diagnosis, with what the host said and what to do below it. */
export function checkLineText(line: CheckLine, style: Style): string {
  const detail = line.detail === undefined ? '' : `: ${printable(line.detail)}`
  const time = line.status === 'not-run' ? style.dim('not run') : style.dim(formatMs(line.ms))
  const head = `${checkMark(line.status, style)} ${line.status === 'not-run' ? style.dim(line.title) : `${line.title}${detail}`}  ${time}`
  return [
    head,
    ...(line.hostSaid === undefined ? [] : [`    the host said: ${printable(line.hostSaid)}`]),
    ...(line.fix === undefined ? [] : [`    ${style.bold('fix')} ${printable(line.fix)}`]),
  ].join('\n')
}

export function checkMark(status: string, style: Style): string {
  if (status === 'pass') return style.good('✔')
  if (status === 'warn') return style.attention('!')
  return status === 'fail' ? style.bad('✗') : style.dim('○')
}

/** `9 passed, 1 with a warning, 2 not run`. */
export function checkSummary(lines: readonly CheckLine[]): string {
  const count = (status: CheckLine['status']) => lines.filter(line => line.status === status).length
  const parts: readonly (readonly [number, string])[] = [
    [count('pass'), 'passed'],
    [count('warn'), 'with a warning'],
    [count('fail'), 'failed'],
    [count('not-run'), 'not run'],
  ]
  return parts
    .filter(([number], i) => i === 0 || number > 0)
    .map(([number, word]) => `${number} ${word}`)
    .join(', ')
}

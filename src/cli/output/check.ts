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

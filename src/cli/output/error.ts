import { asSluiceError } from '../../base/errors/index.ts'
import { redact } from '../../secrets/secret.ts'
import { printable } from './printable.ts'
import type { Style } from './style.ts'

/** An error as people read it: what is wrong, what to do, and the code to look up. */
export function renderError(thrown: unknown, style: Style, options: { stack?: boolean } = {}): string {
  const error = asSluiceError(thrown)
  const lines = [`${style.bad('error')} ${style.dim(error.code)} ${safe(error.message)}`]
  lines.push(`${style.bold('next')}  ${safe(error.next)}`)
  if (options.stack) {
    for (let at: unknown = error; at instanceof Error; at = at.cause)
      lines.push(style.dim(safe(at.stack ?? at.message)))
  }
  return `${lines.join('\n')}\n`
}

function safe(text: string): string {
  return text
    .split('\n')
    .map(line => printable(redact(line)))
    .join('\n')
}

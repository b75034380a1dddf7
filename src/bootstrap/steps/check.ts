import { type ErrorCode, errorEntry, SluiceError } from '../../base/errors/index.ts'
import type { CheckLine } from '../../forges/index.ts'
import { preflight } from '../checks.ts'
import type { BootstrapStep } from '../types.ts'

/** Looks whether the token and the cluster can do what the later steps need. It writes nothing. */
export const checkStep: BootstrapStep = {
  id: 'check',
  title: 'check the token and the cluster',
  async inspect(context, state) {
    const lines: CheckLine[] = []
    for await (const line of preflight(context)) {
      lines.push(line)
      context.onEvent?.({ type: 'check', step: 'check', line })
    }
    const failed = lines.find(line => line.status === 'fail')
    if (!failed) {
      const { login, expiresAt } = await context.forge.identify(context.signal)
      state.login = login
      if (expiresAt !== undefined) state.expires = expiresAt
    }
    const warnings = lines.filter(line => line.status === 'warn').length
    const passed = lines.filter(line => line.status === 'pass').length
    return {
      id: 'check',
      title: this.title,
      state: failed ? 'blocked' : 'done',
      summary: failed
        ? (failed.detail ?? failed.title)
        : `${passed} checks passed${warnings > 0 ? `, ${warnings} with a warning` : ''}`,
      changes: lines.map(line => ({ kind: 'check', ...line })),
      ...(failed ? { problem: problemOf(failed) } : {}),
    }
  },
  async apply() {
    throw new SluiceError('E_INTERNAL', { object: 'check', seen: 'a step without effects was applied' })
  },
}

/** A failed check as the error that stops the run: with the check's own code where it has one. */
export function problemOf(line: CheckLine): SluiceError {
  const code = line.code !== undefined && isCode(line.code) ? line.code : 'E_BOOTSTRAP_CHECK_FAILED'
  return new SluiceError(code, {
    // The detail of a failed check is the message of its error, title and all; only what is new is said here.
    object: line.title,
    ...(line.hostSaid === undefined ? {} : { seen: `the host said: ${line.hostSaid}` }),
    ...(line.fix === undefined ? {} : { next: line.fix }),
  })
}

function isCode(code: string): code is ErrorCode {
  return (errorEntry(code as ErrorCode) as unknown) !== undefined
}

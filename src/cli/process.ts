import { jsonLogger, type Logger } from '../base/log.ts'
import { redact } from '../secrets/secret.ts'
import type { CliIo } from './io.ts'

/** Resolves when the person (or the system) asks the process to stop. */
export function untilStopped(io: CliIo): Promise<void> {
  return new Promise(resolve => {
    if (io.signal.aborted) resolve()
    else io.signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** JSON lines on standard error; warnings and errors only, unless SLUICE_LOG names a level. */
export function stderrLogger(io: CliIo): Logger {
  const level = io.env['SLUICE_LOG']
  const known = level === 'debug' || level === 'info' || level === 'warn' || level === 'error'
  return jsonLogger(line => io.stderr.write(redact(line)), known ? level : 'warn')
}

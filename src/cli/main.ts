#!/usr/bin/env node
import { setMaxListeners } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { SluiceError } from '../base/errors/index.ts'
import { processIo } from './io.ts'
import { renderError } from './output/error.ts'
import { runProgram } from './program.ts'

// Patterns come from CRDs and kustomizations, that is from users: one that backtracks without end falls back to an engine
// that cannot (4 to 9 s became 1 ms for `^(a+)+$` on 28 letters).
setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks')

const stop = new AbortController()
// Everything in flight listens to it.
setMaxListeners(0, stop.signal)
let interrupted: NodeJS.Signals | undefined
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // A second Ctrl-C ends at once: every write of Sluice survives that.
    if (interrupted !== undefined) process.exit(exitOf(signal))
    interrupted = signal
    stop.abort(new SluiceError('E_ABORTED', { seen: signal }))
  })
}
// A reader that went away (`| head`) is no failure.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
}

const io = processIo(stop.signal)
let code: number
try {
  code = await runProgram(process.argv.slice(2), io)
} catch (error) {
  if (interrupted === undefined) {
    process.stderr.write(renderError(error, io.err, { stack: Boolean(process.env['SLUICE_DEBUG']) }))
    code = error instanceof SluiceError ? error.exitCode : 1
  } else {
    process.stderr.write('stopped; the same command goes on where it was\n')
    code = exitOf(interrupted)
  }
}
process.exitCode = code
// Nothing of a finished command may keep the process alive (sockets in keep-alive, timers); output is flushed first.
process.stdout.write('', () => process.stderr.write('', () => process.exit(code)))

function exitOf(signal: NodeJS.Signals): number {
  return signal === 'SIGINT' ? 130 : signal === 'SIGTERM' ? 143 : 129
}

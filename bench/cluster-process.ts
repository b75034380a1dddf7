import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** `sluice sandbox cluster` as users run it, for measurements from outside. */
export interface MeasuredProcess {
  readonly kubeconfig: string
  /** Milliseconds from the start of the process to the line that says it is ready. */
  readonly startMs: number
  /** Resident memory in MiB: now, and the most it ever was; NaN where /proc is missing. */
  memory(): { readonly now: number; readonly peak: number }
  /** Milliseconds of processor time used so far; NaN where /proc is missing. */
  cpuMs(): number
  stop(): Promise<void>
}

/** Starts the built command line on a folder of its own, with further arguments. */
export async function startMeasured(folder: string, ...extra: readonly string[]): Promise<MeasuredProcess> {
  const kubeconfig = join(folder, 'kubeconfig')
  const started = performance.now()
  const child = spawn(
    process.execPath,
    [
      ...(process.env['BENCH_PROFILE'] === 'server' ? ['--cpu-prof', '--cpu-prof-dir=/tmp/prof'] : []),
      'dist/cli/main.js',
      'sandbox',
      'cluster',
      '--data',
      join(folder, 'data'),
      '--kubeconfig',
      kubeconfig,
      ...extra,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve())
    child.once('exit', code => reject(new Error(`the server ended with ${code}`)))
  })
  const startMs = performance.now() - started
  return {
    kubeconfig,
    startMs,
    memory: () => ({ now: statusOf(child, 'VmRSS') / 1024, peak: statusOf(child, 'VmHWM') / 1024 }),
    cpuMs: () => cpuOf(child),
    stop: async () => {
      const gone = new Promise(resolve => child.once('exit', resolve))
      child.kill('SIGTERM')
      await gone
    },
  }
}

/** A field of /proc/PID/status in KiB. */
function statusOf(child: ChildProcess, field: string): number {
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(proc(child, 'status'))?.[1] ?? Number.NaN)
}

/** User and system time (fields 14 and 15 of proc(5) stat), which count hundredths of a second. */
function cpuOf(child: ChildProcess): number {
  const fields = proc(child, 'stat')
    .replace(/^.*\) /s, '')
    .split(' ')
  return (Number(fields[11] ?? Number.NaN) + Number(fields[12] ?? Number.NaN)) * 10
}

function proc(child: ChildProcess, file: string): string {
  try {
    return readFileSync(`/proc/${child.pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}

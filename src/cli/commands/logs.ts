import { open, readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Option } from 'commander'
import type { LogLine } from '../../insight/logs.ts'
import { withCluster } from '../connect.ts'
import { engineLogPath } from '../engine-log.ts'
import { type CliIo, note, print } from '../io.ts'
import { printable } from '../output/printable.ts'
import {
  addClusterOptions,
  type ClusterOptions,
  durationArgument,
  examples,
  integerArgument,
  type RegisterCommand,
} from './command.ts'

interface LogsOptions extends ClusterOptions {
  readonly level?: string
  readonly kind?: string
  readonly name?: string
  readonly namespace?: string
  readonly since?: number
  readonly tail: number
  readonly follow?: boolean
  readonly fluxNamespace: string
  readonly output?: string
}

export const registerLogs: RegisterCommand = (program, { io }) => {
  addClusterOptions(program.command('logs'))
    .description('Show what the engine logged: of this data folder, or of the Pods of engines in the cluster')
    .addOption(new Option('--level <level>', 'only lines of this level').choices(['info', 'warn', 'error', 'debug']))
    .option('--kind <kind>', 'only about objects of this kind')
    .option('--name <name>', 'only about objects of this name')
    .option('-n, --namespace <name>', 'only about objects of this namespace')
    .option('--since <duration>', 'only lines younger than this', durationArgument)
    .option('--tail <n>', 'how many lines at most', integerArgument, 200)
    .option('-f, --follow', 'go on showing new ones until stopped (log of the data folder)')
    .option('--flux-namespace <name>', 'namespace of the Pods', 'flux-system')
    .addOption(new Option('-o, --output <format>', 'print another form of the result').choices(['json']))
    .addHelpText(
      'after',
      examples([
        ['sluice logs --level error', 'what went wrong'],
        ['sluice logs --kind Kustomization --name apps -f', 'follow one object'],
      ]),
    )
    .action((options: LogsOptions) => logs(options, io))
}

async function logs(options: LogsOptions, io: CliIo): Promise<void> {
  const { matchesLog, podLogs, readLogLine } = await import('../../insight/logs.ts')
  const { level, kind, name, namespace, since, tail } = options
  const filter = {
    ...(level === undefined ? {} : { level }),
    ...(kind === undefined ? {} : { kind }),
    ...(name === undefined ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(since === undefined ? {} : { since: new Date(Date.now() - since).toISOString() }),
  }
  const show = (line: LogLine) => print(io, options.output === 'json' ? JSON.stringify(line) : lineText(line, io))
  const path = engineLogPath(resolve(io.cwd, options.data))
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) {
    const found = await withCluster(options, io, ({ client }) =>
      podLogs(client, { namespace: options.fluxNamespace, tail, signal: io.signal }),
    )
    const wanted = found.filter(line => matchesLog(line, filter)).slice(-tail)
    if (wanted.length === 0)
      note(io, `No log lines: ${path} is not there, and no Pod in ${options.fluxNamespace} has any.`)
    for (const line of wanted) show(line)
    return
  }
  const wanted = (all: string) =>
    all
      .split('\n')
      .map(readLogLine)
      .filter(line => line !== undefined && matchesLog(line, filter)) as LogLine[]
  for (const line of wanted(text).slice(-tail)) show(line)
  if (options.follow) await follow(path, Buffer.byteLength(text), io.signal, added => wanted(added).forEach(show))
}

/** Tells of whole lines that are put to the end of a file, until the signal. A file that begins anew is read from its start. */
async function follow(path: string, from: number, signal: AbortSignal, tell: (text: string) => void): Promise<void> {
  let at = from
  let rest = Buffer.alloc(0)
  while (!signal.aborted) {
    const { size } = await stat(path).catch(() => ({ size: at }))
    if (size < at) at = 0
    if (size > at) {
      const file = await open(path)
      try {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(size - at, 1024 * 1024)), 0, undefined, at)
        at += bytesRead
        const whole = Buffer.concat([rest, buffer.subarray(0, bytesRead)])
        const end = whole.lastIndexOf(0x0a) + 1
        tell(whole.subarray(0, end).toString('utf8'))
        rest = whole.subarray(end)
      } finally {
        await file.close()
      }
    }
    await new Promise<void>(done => {
      setTimeout(done, 250)
      signal.addEventListener('abort', () => done(), { once: true })
    })
  }
}

function lineText({ time, level, kind, namespace, name, message }: LogLine, io: CliIo): string {
  const { out } = io
  const paint = level === 'error' ? out.bad : level === 'warn' ? out.attention : out.dim
  const about = kind === undefined ? '' : ` ${out.bold(`${kind}/${name}.${namespace ?? ''}`)} -`
  return `${out.dim(time)} ${paint(level)}${about} ${printable(message).replaceAll('\n', ' ')}`
}

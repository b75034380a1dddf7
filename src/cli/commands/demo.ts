import { resolve } from 'node:path'
import { asSluiceError } from '../../base/errors/index.ts'
import type { DemoResult } from '../../local/demo.ts'
import { examplesFolder } from '../examples-folder.ts'
import { type CliIo, note, print } from '../io.ts'
import { bootstrapReporter } from '../output/bootstrap.ts'
import { formatMs } from '../output/engine-event.ts'
import { printData } from '../output/result.ts'
import { renderTable } from '../output/table.ts'
import { stderrLogger } from '../process.ts'
import { examples, type OutputFormat, outputOption, type RegisterCommand, timeoutOption } from './command.ts'
import { readSpecFiles } from './spec-files.ts'

interface DemoCommandOptions {
  readonly filename?: readonly string[]
  readonly data?: string
  readonly output?: OutputFormat
  readonly timeout: number
}

export const registerDemo: RegisterCommand = (program, { io }) => {
  program
    .command('demo')
    .description('Run the whole loop once without a person: bootstrap, git push, Ready; print the timings')
    .option('-f, --filename <file...>', 'spec files or folders of them (default: examples/eks-anywhere)')
    .option('--data <dir>', 'folder for the sandbox (default: a temporary one, removed afterwards)')
    .addOption(outputOption('json'))
    .addOption(timeoutOption('2m', 'how long each stage may take'))
    .addHelpText(
      'after',
      examples([
        ['sluice demo', 'timings as a table'],
        ['sluice demo -o json', 'one JSON document'],
      ]),
    )
    .action((options: DemoCommandOptions) => demo(options, io))
}

async function demo(options: DemoCommandOptions, io: CliIo): Promise<void> {
  const { readFleetSpecs } = await import('../../bootstrap/index.ts')
  const { runDemo } = await import('../../local/demo.ts')
  const steps: { name: string; seconds: number }[] = []
  const result = await runDemo({
    onStep: step => steps.push(step),
    fleet: readFleetSpecs(await readSpecFiles(options.filename ?? [examplesFolder()], io)),
    ...(options.data === undefined ? {} : { dataDir: resolve(io.cwd, options.data) }),
    signal: io.signal,
    timeoutMs: options.timeout,
    logger: stderrLogger(io),
    onBootstrapEvent: bootstrapReporter(io),
    onNote: text => note(io, `${io.err.moving('▲')} ${text}`),
  }).catch((error: unknown) => {
    // Programs read the same document of a run that failed; the reason goes to standard error as well.
    if (options.output === 'json')
      printData(io, { converged: false, steps, scale: [], error: asSluiceError(error) }, 'json')
    throw error
  })
  if (options.output === 'json') printData(io, result, 'json')
  else print(io, renderDemo(result, io))
}

function renderDemo(result: DemoResult, io: CliIo): string {
  const total = result.steps.reduce((sum, step) => sum + step.seconds, 0)
  return [
    '',
    renderTable(result.steps, [
      { header: 'STEP', value: step => step.name },
      { header: 'TIME', value: step => formatMs(step.seconds * 1000) },
    ]),
    renderTable(result.scale, [
      { header: 'PUSH', value: one => `${one.cluster} ${one.group} ${one.from} → ${one.to}` },
      { header: 'FETCHED', value: one => formatMs(one.pushToFetchedMs) },
      { header: 'APPLIED', value: one => formatMs(one.pushToAppliedMs) },
      { header: 'READY', value: one => formatMs(one.pushToReadyMs) },
    ]),
    `${io.out.good('✔')} converged after ${result.scale.length} pushes in ${total.toFixed(1)} s`,
  ].join('\n')
}

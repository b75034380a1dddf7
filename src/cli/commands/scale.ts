import { SluiceError } from '../../base/errors/index.ts'
import type { ScaleTarget } from '../../fleet/scale.ts'
import { type CliIo, note, print } from '../io.ts'
import { formatMs } from '../output/engine-event.ts'
import { planReporter } from '../output/follow.ts'
import { printable } from '../output/printable.ts'
import { printData } from '../output/result.ts'
import {
  addClusterOptions,
  examples,
  type OutputFormat,
  outputOption,
  type RegisterCommand,
  timeoutOption,
} from './command.ts'
import { type FleetChangeOptions, withFleetChange } from './fleet-change.ts'
import { addForgeOptions } from './forge-options.ts'
import { addWriteOptions } from './write-options.ts'

interface ScaleOptions extends FleetChangeOptions {
  readonly dryRun?: boolean
  readonly revert?: string | true
  readonly output?: OutputFormat
}

export const registerScale: RegisterCommand = (program, { io }) => {
  addWriteOptions(addForgeOptions(addClusterOptions(program.command('scale'))))
    .description('Change node counts by a commit in Git and follow it until the nodes match')
    .argument('<cluster>', 'name of the cluster')
    .argument(
      '[group=count...]',
      'node groups and their counts; `control-plane=N` for the control plane, `GROUP=MIN..MAX` for bounds of the autoscaler',
    )
    .option('--revert [commit]', 'undo a commit that changed sizes (default: the last scale of the cluster)')
    .option('--dry-run', 'show the change and commit nothing')
    .addOption(outputOption('json'))
    .addOption(timeoutOption('10m', 'how long to follow'))
    .addHelpText(
      'after',
      examples([
        ['sluice scale prod md-0=5', 'five workers'],
        ['sluice scale prod md-0=0 --dry-run', 'see the change first; zero is allowed'],
        ['sluice scale prod control-plane=3 md-0=5', 'both in one commit'],
        ['sluice scale prod batch=2..6', 'the bounds of a group that the autoscaler sizes'],
        ['sluice scale prod --revert', 'undo the last scale of prod'],
        ['sluice scale prod --revert 1f2e3d4', 'undo what this commit changed of sizes'],
        ['sluice scale prod md-0=5 --pull-request', 'through a pull request, whose merge is awaited'],
      ]),
    )
    .action((cluster: string, targets: string[], options: ScaleOptions) => scale(cluster, targets, options, io))
}

async function scale(cluster: string, words: readonly string[], options: ScaleOptions, io: CliIo): Promise<void> {
  const targets = words.map(parseTarget)
  const revert = readRevert(options.revert, targets)
  const { scaleCluster } = await import('../../fleet/scale.ts')
  const json = options.output === 'json'
  await withFleetChange(options, io, async ({ forge, request }) => {
    const result = await scaleCluster({
      ...request,
      cluster,
      targets,
      revert,
      onRevert: one =>
        note(io, `undoing ${one.sha.slice(0, 7)} by ${printable(one.author.name)}: ${printable(one.subject)}`),
      dryRun: options.dryRun ?? false,
      onPlan: planReporter(io, forge, 'has these counts already'),
      onCommit: commit => note(io, `${io.err.good('✔')} committed ${commit.slice(0, 7)}`),
    })
    if (json) return printData(io, result, 'json')
    if (options.dryRun) return print(io, 'nothing was committed (--dry-run)')
    const { formatSize } = await import('../../specs/index.ts')
    const counts = result.counts.map(one => `${one.group} ${formatSize(one.from)} → ${formatSize(one.to)}`).join(', ')
    const took = result.timings
      ? ` (applied after ${formatMs(result.timings.appliedMs)}, Ready after ${formatMs(result.timings.readyMs)})`
      : ''
    const reviewed = result.pullRequest === undefined ? '' : `, reviewed in ${printable(result.pullRequest)}`
    print(io, `${io.out.good('✔')} ${cluster}: ${counts}${took}${reviewed}`)
  })
}

function readRevert(revert: string | true | undefined, targets: readonly ScaleTarget[]): string | true | undefined {
  if ((revert === undefined) === (targets.length === 0)) {
    const seen = revert === undefined ? 'neither' : 'both'
    throw new SluiceError('E_FLEET_SCALE_ARGUMENT', { expected: 'GROUP=N, or --revert [COMMIT]', seen })
  }
  if (typeof revert === 'string' && !/^[0-9a-f]{4,40}$/i.test(revert))
    throw new SluiceError('E_FLEET_SCALE_ARGUMENT', { expected: 'the id of a commit, 4 or more digits', seen: revert })
  return revert
}

function parseTarget(word: string): ScaleTarget {
  const [, group, number, most] = /^([^=\s]+)=(\d{1,5})(?:\.\.(\d{1,5}))?$/.exec(word) ?? []
  if (group === undefined || number === undefined)
    throw new SluiceError('E_FLEET_SCALE_ARGUMENT', { expected: 'GROUP=N or GROUP=MIN..MAX', seen: word })
  if (most === undefined) return { group, count: Number(number) }
  const bounds = { min: Number(number), max: Number(most) }
  if (bounds.max < bounds.min)
    throw new SluiceError('E_FLEET_SCALE_ARGUMENT', { expected: 'MIN..MAX with MIN no more than MAX', seen: word })
  return { group, count: bounds }
}

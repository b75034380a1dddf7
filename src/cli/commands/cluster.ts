import { formatSize } from '../../specs/index.ts'
import { confirm, requireYes } from '../confirm.ts'
import { type CliIo, note, print } from '../io.ts'
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

interface RemoveOptions extends FleetChangeOptions {
  readonly dryRun?: boolean
  readonly yes?: boolean
  readonly lastCluster?: boolean
  readonly output?: OutputFormat
}

export const registerCluster: RegisterCommand = (program, { io }) => {
  const cluster = program.command('cluster').description('Take clusters out of the fleet')
  addWriteOptions(addForgeOptions(addClusterOptions(cluster.command('remove'))))
    .description('Take a workload cluster out of the fleet by one commit: its files, its objects, its machines')
    .argument('<cluster>', 'name of the cluster')
    .option('--dry-run', 'show everything that goes, and change nothing')
    .option('--last-cluster', 'also the management cluster, when it is the last one')
    .option('-y, --yes', 'do not ask')
    .addOption(outputOption('json'))
    .addOption(timeoutOption('30m', 'how long to wait until it is gone'))
    .addHelpText(
      'after',
      examples([
        ['sluice cluster remove staging --dry-run', 'the files, objects and machines that go'],
        ['sluice cluster remove staging', 'shows them, asks, commits, and waits until they are gone'],
        ['sluice cluster remove staging --pull-request', 'through a pull request, whose merge is awaited'],
      ]),
    )
    .action((name: string, options: RemoveOptions) => remove(name, options, io))
}

async function remove(cluster: string, options: RemoveOptions, io: CliIo): Promise<void> {
  const { removeCluster } = await import('../../fleet/remove-cluster.ts')
  const { faultSeam } = await import('../../bootstrap/index.ts')
  if (!options.dryRun)
    requireYes(io, 'sluice cluster remove', { yes: options.yes === true, json: options.output === 'json' })
  await withFleetChange(options, io, async ({ forge, request: base }) => {
    const request = { ...base, cluster, lastCluster: options.lastCluster === true, ...faultSeam(io.env) }
    const onPlan = planReporter(io, forge, 'is not in Git any more')
    const asks = !options.yes && options.output !== 'json' && io.stdin.isTTY === true
    if (options.dryRun || asks) {
      const planned = await removeCluster({ ...request, dryRun: true, onPlan })
      if (options.output === 'json') return printData(io, { dryRun: true, ...planned }, 'json')
      for (const object of planned.objects) print(io, `- ${printable(object)}`)
      for (const { group, from } of planned.counts) print(io, `- machines of ${printable(group)}: ${formatSize(from)}`)
      if (options.dryRun) return print(io, 'nothing was committed (--dry-run)')
      if (!(await confirm(io, `Take ${cluster} out of the fleet, and delete its machines?`)))
        return note(io, 'nothing was changed')
    }
    const result = await removeCluster({
      ...request,
      ...(asks ? {} : { onPlan }),
      onCommit: commit => note(io, `${io.err.good('✔')} committed ${commit.slice(0, 7)}`),
    })
    if (options.output === 'json') return printData(io, result, 'json')
    print(io, `${io.out.good('✔')} ${cluster} is gone`)
    if (result.commit !== undefined)
      print(io, `  to have it back, as a new cluster: git revert ${result.commit.slice(0, 12)}, and push`)
  })
}

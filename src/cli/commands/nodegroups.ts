import { join } from 'node:path'
import { systemClock } from '../../base/clock.ts'
import { SluiceError } from '../../base/errors/index.ts'
import type { GroupStatus } from '../../nodegroups/index.ts'
import { connectCluster } from '../connect.ts'
import { type CliIo, print } from '../io.ts'
import { clockTime } from '../output/engine-event.ts'
import { printable } from '../output/printable.ts'
import { type ListView, printData, printList } from '../output/result.ts'
import { stderrLogger, untilStopped } from '../process.ts'
import {
  addClusterOptions,
  type ClusterOptions,
  durationArgument,
  examples,
  type OutputFormat,
  outputOption,
  type RegisterCommand,
} from './command.ts'
import { readSpecFiles } from './spec-files.ts'

interface RunOptions extends ClusterOptions {
  readonly poll: number
}

interface PlanOptions {
  readonly filename: string
  readonly output?: OutputFormat
}

export const registerNodegroups: RegisterCommand = (program, { io, finish }) => {
  const nodegroups = program
    .command('nodegroups')
    .description('Make node groups of eksctl clusters follow their ClusterConfig in Git')
  addClusterOptions(nodegroups.command('run'))
    .description('Follow Git until stopped: sizes of node groups are set through the AWS APIs')
    .option('--poll <duration>', 'first pause between looks while AWS carries something out', durationArgument, 5000)
    .addHelpText(
      'after',
      `${examples([
        ['sluice nodegroups run', 'with the AWS credentials of the environment, profile or role'],
        ['AWS_PROFILE=fleet sluice nodegroups run', 'with those of a profile'],
      ])}\nCredentials come from where the AWS tools look for them. docs/guides/eksctl.md has the IAM policy.\n`,
    )
    .action((options: RunOptions) => run(options, io))
  nodegroups
    .command('plan')
    .description('Compare a ClusterConfig with AWS and change nothing; exit code 1 when they differ')
    .requiredOption('-f, --filename <file>', 'ClusterConfig; `-` reads standard input')
    .addOption(outputOption('json', 'yaml', 'wide'))
    .addHelpText('after', examples([['sluice nodegroups plan -f clusterconfig.yaml', 'what differs in AWS now']]))
    .action(async (options: PlanOptions) => {
      if (await plan(options, io)) finish(1)
    })
}

async function run(options: RunOptions, io: CliIo): Promise<void> {
  const { startNodeGroups } = await import('../../nodegroups/index.ts')
  const { faultSeam } = await import('../../bootstrap/index.ts')
  const { client, dataDir } = await connectCluster(options, io)
  try {
    const running = startNodeGroups({
      client,
      dataDir: join(dataDir, 'nodegroups'),
      clock: systemClock,
      logger: stderrLogger(io),
      pollMs: options.poll,
      ...faultSeam(io.env),
      onEvent: (object, event) => {
        const mark = event.type === 'Warning' ? io.out.bad('✗') : io.out.good('●')
        const name = io.out.bold(`EksctlCluster/${object.metadata.name}`)
        print(io, `${io.out.dim(clockTime(new Date()))} ${mark} ${name} ${event.reason}: ${printable(event.message)}`)
      },
    })
    print(io, `following node groups of ${client.server}`)
    await untilStopped(io)
    await running.close()
  } finally {
    await client.close()
  }
}

/** Whether anything differs. */
async function plan(options: PlanOptions, io: CliIo): Promise<boolean> {
  const { readClusterConfig, specError } = await import('../../specs/index.ts')
  const { AwsClients, runPass } = await import('../../nodegroups/index.ts')
  const [file] = await readSpecFiles([options.filename], io)
  if (file === undefined) throw new SluiceError('E_USAGE', { expected: 'a file', seen: options.filename })
  const { found, problems } = readClusterConfig(file)
  if (problems.length > 0 || !found) throw specError(problems)
  const aws = new AwsClients({ region: found.config.metadata.region })
  try {
    const { groups } = await runPass({
      aws,
      config: found.config,
      policy: { missing: 'Report', extra: 'Report', autoscaled: [], dryRun: true },
      previous: [],
      signal: io.signal,
    })
    const differs = groups.some(group => group.state !== 'InSync')
    if (options.output === 'json' || options.output === 'yaml') printData(io, { differs, groups }, options.output)
    else printList(io, groups, groupView(io), options.output)
    return differs
  } finally {
    await aws.close()
  }
}

function groupView(io: CliIo): ListView<GroupStatus> {
  const size = (value: GroupStatus['git']) =>
    value === undefined ? '-' : `${value.min}-${value.max}${value.desired === undefined ? '' : ` (${value.desired})`}`
  return {
    empty: 'No node groups.',
    name: group => `nodegroup/${group.name}`,
    columns: [
      { header: 'GROUP', value: group => group.name },
      { header: 'KIND', value: group => group.kind },
      { header: 'FILE', value: group => size(group.git) },
      { header: 'AWS', value: group => size(group.live) },
      { header: 'NODES', value: group => group.nodes ?? 0 },
      {
        header: 'STATE',
        value: group => group.state,
        paint: (text, group) => (group.state === 'InSync' ? io.out.good(text) : io.out.attention(text)),
      },
      { header: 'DRIFT', value: group => group.drift ?? '-' },
      { header: 'MESSAGE', value: group => group.message ?? '-', wide: true },
    ],
  }
}

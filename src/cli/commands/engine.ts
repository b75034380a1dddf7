import { join } from 'node:path'
import { systemClock } from '../../base/clock.ts'
import { connectCluster } from '../connect.ts'
import { type CliIo, print } from '../io.ts'
import { eventLine } from '../output/engine-event.ts'
import { stderrLogger, untilStopped } from '../process.ts'
import { addClusterOptions, type ClusterOptions, examples, integerArgument, type RegisterCommand } from './command.ts'

interface EngineOptions extends ClusterOptions {
  readonly concurrency?: number
}

export const registerEngine: RegisterCommand = (program, { io }) => {
  addClusterOptions(program.command('engine'))
    .description('Run the engine against any cluster until stopped: it serves GitRepository and Kustomization objects')
    .option('--concurrency <n>', 'reconciles at the same time', integerArgument)
    .addHelpText('after', examples([['sluice engine --kubeconfig ~/.kube/config', 'reconcile that cluster from here']]))
    .action((options: EngineOptions) => runEngine(options, io))
}

async function runEngine(options: EngineOptions, io: CliIo): Promise<void> {
  const { keepHeapSmall } = await import('../../sandbox/cluster/server-heap.ts')
  keepHeapSmall()
  const { startEngine } = await import('../../engine/index.ts')
  const { client, dataDir } = await connectCluster(options, io)
  try {
    const engine = await startEngine({
      client,
      dataDir: join(dataDir, 'engine-standalone'),
      clock: systemClock,
      logger: stderrLogger(io),
      ...(options.concurrency === undefined ? {} : { concurrency: options.concurrency }),
      onEvent: event => print(io, eventLine(event, io.out)),
    })
    print(io, `engine ready for ${client.server}`)
    await untilStopped(io)
    await engine.close()
  } finally {
    await client.close()
  }
}

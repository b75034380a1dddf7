import { join } from 'node:path'
import { systemClock } from '../../base/clock.ts'
import { connectCluster } from '../connect.ts'
import { type CliIo, print } from '../io.ts'
import { eventLine } from '../output/engine-event.ts'
import { stderrLogger, untilStopped } from '../process.ts'
import {
  addClusterOptions,
  type ClusterOptions,
  collect,
  examples,
  integerArgument,
  type RegisterCommand,
} from './command.ts'

interface EngineOptions extends ClusterOptions {
  readonly concurrency?: number
  readonly crossNamespaceRefs?: boolean
  readonly defaultServiceAccount: string
  readonly systemNamespace: string[]
}

export const registerEngine: RegisterCommand = (program, { io }) => {
  addClusterOptions(program.command('engine'))
    .description('Run the engine against any cluster until stopped: it serves GitRepository and Kustomization objects')
    .option('--concurrency <n>', 'reconciles at the same time', integerArgument)
    .option('--cross-namespace-refs', 'let objects refer to sources in other namespaces (default: refused)')
    .option(
      '--default-service-account <name>',
      "service account of its namespace that an object without one acts as; '' for the engine's own rights",
      'default',
    )
    .option(
      '--system-namespace <name>',
      "namespace whose objects act with the engine's own rights; may be repeated (default: flux-system)",
      collect,
      [],
    )
    .addHelpText(
      'after',
      examples([
        ['sluice engine --kubeconfig ~/.kube/config', 'reconcile that cluster from here'],
        ["sluice engine --cross-namespace-refs --default-service-account ''", 'one owner: no tenants to keep apart'],
      ]),
    )
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
      tenancy: {
        crossNamespaceRefs: options.crossNamespaceRefs === true,
        defaultServiceAccount: options.defaultServiceAccount,
        ...(options.systemNamespace.length === 0 ? {} : { systemNamespaces: options.systemNamespace }),
      },
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

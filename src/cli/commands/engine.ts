import { join } from 'node:path'
import { systemClock } from '../../base/clock.ts'
import { SluiceError } from '../../base/errors/index.ts'
import { connectCluster } from '../connect.ts'
import { type CliIo, print } from '../io.ts'
import { eventLine } from '../output/engine-event.ts'
import { stderrLogger, untilStopped } from '../process.ts'
import { addClusterOptions, type ClusterOptions, examples, integerArgument, type RegisterCommand } from './command.ts'

interface EngineOptions extends ClusterOptions {
  readonly concurrency?: number
  readonly storageAddr?: string
  readonly storageAdvAddr?: string
  readonly featureGates?: Readonly<Record<string, boolean>>
}

export const registerEngine: RegisterCommand = (program, { io }) => {
  addClusterOptions(program.command('engine'))
    .description('Run the engine against any cluster until stopped: it serves the objects of Flux')
    .option('--concurrency <n>', 'reconciles at the same time', integerArgument)
    .option('--storage-addr <address>', 'serve artifacts at this address, for controllers of Flux in the cluster')
    .option('--storage-adv-addr <host>', 'host and port at which they reach it (default: the address that is served)')
    .option('--feature-gates <list>', 'feature gates of Flux, e.g. ExternalArtifact=true', featureGatesArgument)
    .addHelpText(
      'after',
      examples([
        ['sluice engine --kubeconfig ~/.kube/config', 'reconcile that cluster from here'],
        [
          'sluice engine --storage-addr :9090 --storage-adv-addr sluice.flux-system.svc:9090',
          'serve the artifacts of sources as well',
        ],
      ]),
    )
    .action((options: EngineOptions) => runEngine(options, io))
}

/** `A=true,B=false`, as Flux's controllers take it. */
function featureGatesArgument(text: string): Record<string, boolean> {
  const gates: Record<string, boolean> = {}
  for (const part of text.split(',')) {
    const found = /^\s*([A-Za-z]+)=(true|false)\s*$/.exec(part)
    if (found === null) throw new SluiceError('E_USAGE', { expected: 'NAME=true or NAME=false', seen: part })
    gates[found[1]!] = found[2] === 'true'
  }
  return gates
}

async function runEngine(options: EngineOptions, io: CliIo): Promise<void> {
  const { startEngine } = await import('../../engine/index.ts')
  const { client, dataDir } = await connectCluster(options, io)
  try {
    const engine = await startEngine({
      client,
      dataDir: join(dataDir, 'engine-standalone'),
      clock: systemClock,
      logger: stderrLogger(io),
      ...(options.concurrency === undefined ? {} : { concurrency: options.concurrency }),
      ...(options.storageAddr === undefined
        ? {}
        : {
            storage: {
              address: options.storageAddr,
              ...(options.storageAdvAddr === undefined ? {} : { advertised: options.storageAdvAddr }),
            },
          }),
      ...(options.featureGates === undefined ? {} : { featureGates: options.featureGates }),
      onEvent: event => print(io, eventLine(event, io.out)),
    })
    print(io, `engine ready for ${client.server}`)
    await untilStopped(io)
    await engine.close()
  } finally {
    await client.close()
  }
}

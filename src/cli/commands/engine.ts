import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { systemClock } from '../../base/clock.ts'
import { SluiceError } from '../../base/errors/index.ts'
import type { PodPlace } from '../../engine/leader/leader-pod.ts'
import type { ListenAddresses } from '../../engine/serve.ts'
import { connectCluster } from '../connect.ts'
import { openEngineLog } from '../engine-log.ts'
import { type CliIo, print } from '../io.ts'
import { eventLine } from '../output/engine-event.ts'
import { untilStopped } from '../process.ts'
import {
  addClusterOptions,
  type ClusterOptions,
  collect,
  durationArgument,
  examples,
  integerArgument,
  type RegisterCommand,
} from './command.ts'
import { registerEngineManifests } from './engine-manifests.ts'
import { registerEngineSwitch } from './engine-switch.ts'

interface EngineOptions extends ClusterOptions {
  readonly concurrency?: number
  readonly logEncoding: 'console' | 'json'
  readonly crossNamespaceRefs?: boolean
  readonly defaultServiceAccount: string
  readonly systemNamespace: string[]
  readonly watchLabelSelector?: string
  readonly storageAddr?: string
  readonly storageAdvAddr?: string
  readonly featureGates?: Readonly<Record<string, boolean>>
  readonly metricsAddr?: string
  readonly healthAddr?: string
  readonly webhookAddr?: string
  readonly eventsAddr?: string
  readonly rateLimitInterval?: number
  readonly notifyAcrossNamespaces?: boolean
  readonly refusePrivateAddresses?: boolean
  readonly leaderElectionLeaseDuration?: number
  readonly leaderElectionRetryPeriod?: number
}

export const registerEngine: RegisterCommand = (program, { io }) => {
  const command = addClusterOptions(program.command('engine'))
    .description('Run the engine against any cluster until stopped: it serves the kinds of Flux')
    .option('--concurrency <n>', 'reconciles at the same time', integerArgument)
    .option(
      '--cross-namespace-refs',
      'let objects refer to sources, and Alerts and Receivers to objects, in other namespaces (default: refused)',
    )
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
    .option(
      '--watch-label-selector <selector>',
      'work only on objects with these labels; other engines do the rest (sharding)',
    )
  addServing(command)
    .option('--storage-addr <address>', 'serve artifacts at this address, for controllers of Flux in the cluster')
    .option('--storage-adv-addr <host>', 'host and port at which they reach it (default: the address that is served)')
    .option('--feature-gates <list>', 'feature gates of Flux, e.g. ExternalArtifact=true', featureGatesArgument)
    .option(
      '--rate-limit-interval <duration>',
      'an event that repeats within this time is sent once (default: 5m)',
      durationArgument,
    )
    .option('--notify-across-namespaces', 'let Alerts and Receivers name objects of other namespaces')
    .option('--refuse-private-addresses', 'send no notifications to loopback and private addresses')
    .option(
      '--leader-election-lease-duration <duration>',
      'others take over when the leader gives no sign for so long (default: 15s)',
      durationArgument,
    )
    .option(
      '--leader-election-retry-period <duration>',
      'how often the lease is renewed or asked for (default: 2s)',
      durationArgument,
    )
    .addOption(
      new Option('--log-encoding <form>', 'what is said: lines for people, or JSON')
        .choices(['console', 'json'])
        .default('console'),
    )
    .addHelpText(
      'after',
      examples([
        ['sluice engine --kubeconfig ~/.kube/config', 'reconcile that cluster from here'],
        ["sluice engine --cross-namespace-refs --default-service-account ''", 'one owner: no tenants to keep apart'],
        ['sluice engine --webhook-addr :9292 --metrics-addr :8080', 'serve webhooks of Receivers, and metrics'],
        ['sluice engine manifests --engine-image reg.example.com/sluice:0.1.0', 'what runs it in a cluster'],
        ['sluice engine --watch-label-selector sharding.fluxcd.io/key=shard1', 'work on one shard'],
        [
          'sluice engine --storage-addr :9090 --storage-adv-addr sluice.flux-system.svc:9090',
          'serve the artifacts of sources as well',
        ],
      ]),
    )
    .action((options: EngineOptions) => runEngine(options, io))
  registerEngineSwitch(command, io)
  registerEngineManifests(command, io)
}

function addServing(command: Command): Command {
  return command
    .option('--metrics-addr <host:port>', 'serve /metrics there (Flux: :8080)')
    .option('--health-addr <host:port>', 'serve /healthz and /readyz there (Flux: :9440)')
    .option('--webhook-addr <host:port>', 'serve the webhooks of Receivers there (Flux: :9292)')
    .option('--events-addr <host:port>', "take events of Flux's controllers there (Flux: :9090)")
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
  const { keepHeapSmall } = await import('../../sandbox/cluster/server-heap.ts')
  keepHeapSmall(50)
  const lease = leaseOf(options)
  const { startEngine } = await import('../../engine/index.ts')
  const { client, dataDir } = await connectCluster(options, io)
  const { concurrency, watchLabelSelector, rateLimitInterval } = options
  const json = options.logEncoding === 'json'
  const log = openEngineLog(dataDir, io, json)
  const say = (text: string) => (json ? log.logger.info(text) : print(io, text))
  try {
    const engine = await startEngine({
      client,
      dataDir: join(dataDir, 'engine-standalone'),
      clock: systemClock,
      logger: log.logger,
      tenancy: {
        crossNamespaceRefs: options.crossNamespaceRefs === true,
        defaultServiceAccount: options.defaultServiceAccount,
        ...(options.systemNamespace.length === 0 ? {} : { systemNamespaces: options.systemNamespace }),
      },
      ...(concurrency === undefined ? {} : { concurrency }),
      ...(watchLabelSelector === undefined ? {} : { watchLabelSelector }),
      listen: addressesOf(options),
      ...podOf(io.env),
      lease,
      notify: {
        crossNamespaceRefs: options.notifyAcrossNamespaces ?? options.crossNamespaceRefs ?? false,
        refusePrivateAddresses: options.refusePrivateAddresses ?? false,
        ...(rateLimitInterval === undefined ? {} : { rateLimitIntervalMs: rateLimitInterval }),
      },
      ...(options.storageAddr === undefined
        ? {}
        : {
            storage: {
              address: options.storageAddr,
              ...(options.storageAdvAddr === undefined ? {} : { advertised: options.storageAdvAddr }),
            },
          }),
      ...(options.featureGates === undefined ? {} : { featureGates: options.featureGates }),
      onEvent: event => {
        log.event(event)
        if (!json) print(io, eventLine(event, io.out))
      },
    })
    for (const [name, url] of Object.entries(engine.urls)) say(`${name}: ${url}`)
    say(`engine ready for ${client.server}`)
    await untilStopped(io)
    await engine.close()
  } finally {
    log.close()
    await client.close()
  }
}

function leaseOf(options: EngineOptions): { readonly durationMs?: number; readonly retryMs?: number } {
  const { leaderElectionLeaseDuration: durationMs, leaderElectionRetryPeriod: retryMs } = options
  // A leader must be able to renew its lease a few times before others take over.
  if ((durationMs ?? 15_000) < Math.max(1000, 3 * (retryMs ?? 2000))) {
    throw new SluiceError('E_USAGE', {
      object: '--leader-election-lease-duration',
      expected: 'at least 1s, and three times --leader-election-retry-period',
      seen: `${(durationMs ?? 15_000) / 1000}s`,
    })
  }
  return { ...(durationMs === undefined ? {} : { durationMs }), ...(retryMs === undefined ? {} : { retryMs }) }
}

/** The Pod that this process is in, as the manifests say it by the downward API. */
function podOf({ POD_NAME: name, POD_NAMESPACE: namespace }: CliIo['env']): { pod?: PodPlace } {
  return name && namespace ? { pod: { namespace, name } } : {}
}

function addressesOf({ metricsAddr, healthAddr, webhookAddr, eventsAddr }: EngineOptions): ListenAddresses {
  return {
    ...(metricsAddr === undefined ? {} : { metrics: metricsAddr }),
    ...(healthAddr === undefined ? {} : { health: healthAddr }),
    ...(webhookAddr === undefined ? {} : { webhooks: webhookAddr }),
    ...(eventsAddr === undefined ? {} : { events: eventsAddr }),
  }
}

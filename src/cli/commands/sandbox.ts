import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Option } from 'commander'
import { SluiceError } from '../../base/errors/index.ts'
import { version } from '../../base/version.ts'
import { type CliIo, print } from '../io.ts'
import { stderrLogger, untilStopped } from '../process.ts'
import { examples, portArgument, type RegisterCommand } from './command.ts'
import { registerSandboxAws } from './sandbox-aws.ts'

interface ClusterCommandOptions {
  readonly data?: string
  readonly memory?: boolean
  readonly port?: number
  readonly kubeconfig?: string
  readonly controllers: boolean
  readonly machines?: boolean
}

interface ForgeCommandOptions {
  readonly data?: string
  readonly memory?: boolean
  readonly port?: number
  readonly tokenFile?: string
  readonly user: string
  readonly org: string
}

export const registerSandbox: RegisterCommand = (program, { io }) => {
  const sandbox = program.command('sandbox').description('Run a part of the sandbox by itself')
  sandbox
    .command('cluster')
    .description('Run a Kubernetes API server on loopback until stopped')
    .addOption(
      new Option('--data <dir>', 'keep everything in this folder (default: .sluice/cluster)').conflicts('memory'),
    )
    .option('--memory', 'keep everything in memory')
    .option('--port <n>', 'port on 127.0.0.1 (default: a free one)', portArgument)
    .option(
      '--kubeconfig <file>',
      'where to write the kubeconfig (default: kubeconfig in the data folder, or in this folder)',
    )
    .option('--no-controllers', 'run the API server alone: no namespace, garbage or workload controllers')
    .addOption(
      new Option(
        '--machines',
        'also play EKS Anywhere: its kinds, its webhooks, and machines that follow Cluster specs',
      ),
    )
    .addHelpText(
      'after',
      examples([
        ['sluice sandbox cluster --memory --kubeconfig kc', 'a cluster for one test run'],
        ['kubectl --kubeconfig kc get namespaces', 'use it from another terminal'],
      ]),
    )
    .action((options: ClusterCommandOptions) => runCluster(options, io))
  sandbox
    .command('forge')
    .description('Run a Git host on loopback until stopped')
    .addOption(
      new Option('--data <dir>', 'keep everything in this folder (default: .sluice/forge)').conflicts('memory'),
    )
    .option('--memory', 'keep everything in a temporary folder that goes with the process')
    .option('--port <n>', 'port on 127.0.0.1 (default: a free one)', portArgument)
    .option(
      '--token-file <file>',
      'where to write a token, as EKSA_GITHUB_TOKEN=… (default: github.env in the data folder)',
    )
    .option('--user <login>', 'user who owns the token', 'octo')
    .option('--org <login>', 'organization of which the user is an owner', 'acme')
    .addHelpText(
      'after',
      examples([
        ['sluice sandbox forge --token-file forge.env', 'a Git host with a user, an organization and a token'],
        ['sluice check -f cluster.yaml --token-file forge.env', 'use it from another terminal'],
      ]),
    )
    .action((options: ForgeCommandOptions) => runForge(options, io))
  registerSandboxAws(sandbox, { io })
}

async function runCluster(options: ClusterCommandOptions, io: CliIo): Promise<void> {
  const { keepHeapSmall, startCluster } = await import('../../sandbox/index.ts')
  keepHeapSmall()
  const dataDir = options.memory ? undefined : resolve(io.cwd, options.data ?? join('.sluice', 'cluster'))
  const kubeconfigPath = resolve(io.cwd, options.kubeconfig ?? join(dataDir ?? '.', 'kubeconfig'))
  const cluster = await startCluster({
    ...(dataDir === undefined ? {} : { dataDir }),
    ...(options.port === undefined ? {} : { port: options.port }),
    kubeconfigPath,
    controllers: options.controllers,
    logger: stderrLogger(io),
    ...(options.machines ? { admission: [(await import('../../sandbox/machines/index.ts')).eksaAdmission()] } : {}),
  })
  const machines = options.machines ? await playMachines(kubeconfigPath, io) : undefined
  print(io, `sandbox cluster ready at ${cluster.url} kubeconfig ${kubeconfigPath}`)
  await untilStopped(io)
  await machines?.close()
  await cluster.close()
}

/** What EKS Anywhere's components do on a management cluster. */
async function playMachines(kubeconfigPath: string, io: CliIo): Promise<{ close(): Promise<void> }> {
  const { installEksaCrds, startMachines } = await import('../../sandbox/machines/index.ts')
  const { createKubeClient, loadKubeConfig } = await import('../../kube/client/index.ts')
  const access = await loadKubeConfig({ path: kubeconfigPath, env: {} })
  const client = createKubeClient(access, { userAgent: `sluice/${version}` })
  await installEksaCrds(client, { signal: io.signal })
  const machines = await startMachines({ client, logger: stderrLogger(io) })
  return {
    close: async () => {
      await machines.close()
      await client.close()
    },
  }
}

async function runForge(options: ForgeCommandOptions, io: CliIo): Promise<void> {
  const { startForge } = await import('../../sandbox/forge/index.ts')
  const { ensureAccounts } = await import('../../local/accounts.ts')
  const temporary = options.memory ? await mkdtemp(join(tmpdir(), 'sluice-forge-')) : undefined
  const dataDir = temporary ?? resolve(io.cwd, options.data ?? join('.sluice', 'forge'))
  if (temporary !== undefined && options.tokenFile === undefined) {
    throw new SluiceError('E_USAGE', {
      expected: '--token-file with --memory',
      seen: 'none: the token would go with the temporary folder',
    })
  }
  const envFile = resolve(io.cwd, options.tokenFile ?? join(dataDir, 'github.env'))
  try {
    const forge = await startForge({
      dataDir,
      ...(options.port === undefined ? {} : { port: options.port }),
      logger: stderrLogger(io),
    })
    await ensureAccounts(forge, { user: options.user, organization: options.org }, envFile)
    print(io, `sandbox forge ready at ${forge.url} token ${envFile}`)
    await untilStopped(io)
    await forge.close()
  } finally {
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true })
  }
}

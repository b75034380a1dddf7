import { systemClock } from '../../base/clock.ts'
import type { Fleet } from '../../bootstrap/index.ts'
import { connectCluster } from '../connect.ts'
import { type CliIo, note, print } from '../io.ts'
import { bootstrapReporter, renderPlan, renderReport } from '../output/bootstrap.ts'
import { printData } from '../output/result.ts'
import { stderrLogger } from '../process.ts'
import {
  addClusterOptions,
  type ClusterOptions,
  examples,
  type OutputFormat,
  outputOption,
  type RegisterCommand,
  timeoutOption,
} from './command.ts'
import { addForgeOptions, type ForgeOptions, openForge } from './forge-options.ts'
import { readSpecFiles } from './spec-files.ts'
import { addSyncOptions, chooseSync, type SyncOptions } from './sync-options.ts'
import { addWriteOptions, readWriteOptions, type WriteOptions } from './write-options.ts'

export interface BootstrapOptions extends ClusterOptions, ForgeOptions, SyncOptions, WriteOptions {
  readonly filename: readonly string[]
  readonly dryRun?: boolean
  readonly yes?: boolean
  readonly adopt?: boolean
  readonly output?: OutputFormat
  readonly timeout: number
}

export const registerBootstrap: RegisterCommand = (program, { io }) => {
  const command = addWriteOptions(addForgeOptions(addClusterOptions(program.command('bootstrap'))))
    .description('Bring cluster specs into a Git repository and make the cluster follow it')
    .requiredOption('-f, --filename <file...>', 'spec files or folders of them; `-` reads standard input')
    .option('--dry-run', 'print the plan with every file and object, and change nothing')
    .option('--adopt', 'use a repository that holds files Sluice did not make; they stay as they are')
    .option('-y, --yes', 'do not ask')
    .addOption(outputOption('json'))
    .addOption(timeoutOption('10m', 'how long to wait for Ready'))
  addSyncOptions(command)
    .addHelpText(
      'after',
      examples([
        ['sluice bootstrap -f mgmt.yaml --dry-run', 'see every step first'],
        ['sluice bootstrap -f mgmt.yaml -f prod.yaml', 'a management cluster with a workload cluster'],
        ['sluice bootstrap -f clusterconfig.yaml', 'an eksctl cluster: gitops.flux says where to'],
        ['sluice bootstrap -f specs/ --token-file ~/github.env', 'all specs of a folder, token from a file'],
        ['sluice bootstrap -f mgmt.yaml --host gitlab.com', 'owner and repository of the spec, on GitLab'],
        ['sluice bootstrap -f mgmt.yaml --pull-request', 'through a pull request, also where a push would do'],
        ['sluice bootstrap -f mgmt.yaml --token-auth', 'keep the token in the cluster, in place of a deploy key'],
      ]),
    )
    .action((options: BootstrapOptions) => bootstrap(options, io))
}

/** What `sluice bootstrap` and `sluice enable flux` do. */
export async function bootstrap(
  options: BootstrapOptions,
  io: CliIo,
  check: (fleet: Fleet) => void = () => {},
): Promise<void> {
  const { applyBootstrap, faultSeam, fleetOn, planBootstrap, readFleetSpecs } = await import('../../bootstrap/index.ts')
  const read = readFleetSpecs(await readSpecFiles(options.filename, io))
  check(read)
  const wanted = withSpec(options, read)
  for (const warning of read.warnings) note(io, `${io.err.attention('warning')} ${warning}`)
  const write = await readWriteOptions(options, io)
  const forge = await openForge(wanted, io, read.git && { url: read.git.url, plain: true })
  const fleet = fleetOn(read, forge)
  const { withEngineBeside } = await import('../../local/engine-beside.ts')
  const { client, dataDir } = await connectCluster({ ...fleet.access, ...options }, io)
  try {
    const sync = await chooseSync(wanted, { forge, fleet, client, dryRun: options.dryRun === true }, io)
    const context = {
      fleet,
      sync,
      forge,
      client,
      dataDir,
      adopt: options.adopt ?? false,
      ...write,
      clock: systemClock,
      logger: stderrLogger(io),
      signal: io.signal,
      timeoutMs: options.timeout,
    }
    const json = options.output === 'json'
    if (options.dryRun || !(options.yes || json || !io.stdin.isTTY)) {
      const plan = await planBootstrap(context)
      if (json) printData(io, { dryRun: true, steps: plan }, 'json')
      else print(io, renderPlan(plan, io.out))
      const blocked = plan.find(step => step.problem)
      if (blocked?.problem) throw blocked.problem
      if (options.dryRun) return
      const { confirm } = await import('../confirm.ts')
      if (plan.some(step => step.state === 'to-do') && !(await confirm(io, 'Carry this plan out?'))) {
        note(io, 'nothing was changed')
        return
      }
    }
    const beside = {
      client,
      dataDir,
      namespace: fleet.namespace,
      clock: systemClock,
      logger: context.logger,
      signal: io.signal,
    }
    const { result: report, acted } = await withEngineBeside(beside, () =>
      applyBootstrap({ ...context, onEvent: bootstrapReporter(io, forge), ...faultSeam(io.env) }),
    )
    if (json) printData(io, report, 'json')
    else print(io, renderReport(report, io.out))
    if (report.error) throw report.error
    if (acted)
      note(
        io,
        `${io.err.attention('!')} No engine runs on this cluster by itself. Keep it in line with Git: sluice engine${options.kubeconfig ? ` --kubeconfig ${options.kubeconfig}` : ''}`,
      )
  } finally {
    await client.close()
  }
}

/** What the options leave open, as the spec says it. */
function withSpec(options: BootstrapOptions, { provider, host, tokenAuth }: Fleet): BootstrapOptions {
  return {
    ...options,
    ...(options.provider === undefined && provider !== undefined ? { provider } : {}),
    ...(options.host === undefined && host !== undefined ? { host } : {}),
    // Flux's default, a deploy key, is ours too where the host has them; only the wish for the token is one.
    ...(options.tokenAuth === undefined && tokenAuth === true ? { tokenAuth } : {}),
  }
}

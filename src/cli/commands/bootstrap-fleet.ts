import type { Command } from 'commander'
import { systemClock } from '../../base/clock.ts'
import type { Fleet } from '../../bootstrap/fleet-input.ts'
import { connectCluster } from '../connect.ts'
import { type CliIo, note, print } from '../io.ts'
import { bootstrapReporter, renderPlan, renderReport } from '../output/bootstrap.ts'
import { printData } from '../output/result.ts'
import { stderrLogger } from '../process.ts'
import { addClusterOptions, type ClusterOptions, type OutputFormat, outputOption, timeoutOption } from './command.ts'
import { recordProof } from './credential-sources.ts'
import { addEngineOptions, type EngineChoice, readEngineChoice } from './engine-options.ts'
import { addEnginePlaceOptions, type EnginePlaceOptions, readEnginePlace } from './engine-place.ts'
import { addForgeOptions, type ForgeOptions, openForge } from './forge-options.ts'
import { addSyncOptions, chooseSync, type SyncOptions } from './sync-options.ts'
import { addWriteOptions, readWriteOptions, type WriteOptions } from './write-options.ts'

export interface BootstrapOptions
  extends ClusterOptions,
    ForgeOptions,
    SyncOptions,
    WriteOptions,
    EngineChoice,
    EnginePlaceOptions {
  readonly dryRun?: boolean
  readonly yes?: boolean
  readonly adopt?: boolean
  readonly setCounts?: boolean
  readonly output?: OutputFormat
  readonly timeout: number
}

/** What every way to bootstrap takes. */
export function addBootstrapOptions(command: Command): Command {
  return addEnginePlaceOptions(
    addEngineOptions(addSyncOptions(addWriteOptions(addForgeOptions(addClusterOptions(command))))),
  )
    .option('--dry-run', 'print the plan with every file and object, and change nothing')
    .option('--adopt', 'use a repository that holds files Sluice did not make; they stay as they are')
    .option('--set-counts', 'scale clusters that run already to the counts of their specs')
    .option('-y, --yes', 'do not ask')
    .addOption(outputOption('json'))
    .addOption(timeoutOption('10m', 'how long to wait for Ready'))
}

/** Shows the plan, asks, and carries it out. */
export async function bootstrapFleet(read: Fleet, options: BootstrapOptions, io: CliIo): Promise<void> {
  const { applyBootstrap, faultSeam, fitToLive, fleetOn, planBootstrap } = await import('../../bootstrap/index.ts')
  const wanted = withSpec(options, read)
  const { place, rest } = readEnginePlace(options)
  const { flux, warnings } = await readEngineChoice(rest, read, io)
  if (flux) note(io, io.err.dim(`Flux ${flux.manifests.version} from ${flux.origin}`))
  for (const warning of [...read.warnings, ...warnings]) note(io, `${io.err.attention('warning')} ${warning}`)
  const write = await readWriteOptions(options, io)
  const forge = await openForge(wanted, io, read.git && { url: read.git.url, by: 'person', plain: true })
  const { withEngineBeside } = await import('../../local/engine-beside.ts')
  const { client, dataDir } = await connectCluster({ ...read.access, ...options }, io)
  try {
    const fleet = await fitToLive(fleetOn(read, forge), client, io.signal)
    for (const warning of fleet.warnings.slice(read.warnings.length))
      note(io, `${io.err.attention('warning')} ${warning}`)
    const sync = await chooseSync(wanted, { forge, fleet, client, dryRun: options.dryRun === true }, io)
    const context = {
      fleet,
      sync,
      forge,
      client,
      dataDir,
      adopt: options.adopt ?? false,
      flux,
      place,
      setCounts: options.setCounts ?? false,
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
    const work = () => applyBootstrap({ ...context, onEvent: bootstrapReporter(io, forge), ...faultSeam(io.env) })
    // Real Flux is what acts then, and not before its controllers run.
    const { result: report, acted } = flux
      ? { result: await work(), acted: false }
      : await withEngineBeside(beside, work)
    await recordProof(forge, io)
    if (json) printData(io, report, 'json')
    else print(io, renderReport(report, io.out))
    if (report.error) throw report.error
    if (acted && report.engineInCluster !== true)
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

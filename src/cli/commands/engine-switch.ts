import { type Command, Option } from 'commander'
import { systemClock } from '../../base/clock.ts'
import { SluiceError } from '../../base/errors/index.ts'
import type { EngineName } from '../../bootstrap/index.ts'
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
  timeoutOption,
} from './command.ts'
import { addFluxInstallOptions, type FluxInstallOptions, readFluxInstall, refuseFluxOptions } from './engine-options.ts'
import { addEnginePlaceOptions, type EnginePlaceOptions, readEnginePlace } from './engine-place.ts'
import { openFleetForge } from './fleet-forge.ts'
import { addForgeOptions, type ForgeOptions } from './forge-options.ts'
import { addWriteOptions, readWriteOptions, type WriteOptions } from './write-options.ts'

interface SwitchOptions extends ClusterOptions, ForgeOptions, WriteOptions, FluxInstallOptions, EnginePlaceOptions {
  readonly to: EngineName
  readonly dryRun?: boolean
  readonly yes?: boolean
  readonly output?: OutputFormat
  readonly timeout: number
}

/** `sluice engine switch`: from our engine to real Flux and back. */
export function registerEngineSwitch(engine: Command, io: CliIo): void {
  const command = addClusterOptions(engine.command('switch'))
    .description('Change the engine of a live fleet: nothing that runs is deleted or made anew')
    .addOption(
      new Option('--to <engine>', 'the engine that shall act').choices(['flux', 'sluice']).makeOptionMandatory(),
    )
    .option('--dry-run', 'print the plan with every file and object, and change nothing')
    .option('-y, --yes', 'do not ask')
    .addOption(outputOption('json'))
    .addOption(timeoutOption('10m', 'how long to wait for each engine, and for Ready'))
  addEnginePlaceOptions(addFluxInstallOptions(addWriteOptions(addForgeOptions(command))))
    .addHelpText(
      'after',
      examples([
        ['sluice engine switch --to flux --dry-run', 'see every step first'],
        ['sluice engine switch --to flux --flux-manifests flux.yaml', 'real Flux, out of a file'],
        ['sluice engine switch --to flux --registry mirror.example.com/fluxcd', 'images from a mirror'],
        ['sluice engine switch --to sluice', 'back to the engine of Sluice, in a process of yours'],
        ['sluice engine switch --to sluice --engine-place cluster --engine-image IMAGE', 'or in the cluster'],
      ]),
    )
    .action((options: SwitchOptions) => switchEngine(options, io))
}

async function switchEngine(options: SwitchOptions, io: CliIo): Promise<void> {
  const { aloneAtSwitch, applyBootstrap, faultSeam, planBootstrap, switchSteps } = await import(
    '../../bootstrap/index.ts'
  )
  const { findFleetSync } = await import('../../fleet/find-sync.ts')
  const { fleetRepository } = await import('../../fleet/repository-remote.ts')
  const { place, rest } = readEnginePlace({ ...options, engine: options.to })
  if (options.to !== 'flux') refuseFluxOptions(rest, '--to flux')
  const write = await readWriteOptions(options, io)
  const { client, dataDir } = await connectCluster(options, io)
  try {
    const sync = await findFleetSync(client, io.signal)
    const { namespace } = sync
    if (sync.kustomizationName !== namespace || sync.sourceName !== namespace)
      throw new SluiceError('E_ENGINE_SWITCH', {
        object: `Kustomization/${namespace}/${sync.kustomizationName}`,
        expected: 'a fleet as bootstrap makes it: source and Kustomization named like their namespace',
        seen: `GitRepository ${sync.sourceName}`,
      })
    const forge = await openFleetForge(options, client, io)
    const { owner, name: repository } = fleetRepository(forge, sync.url)
    const flux = options.to === 'flux' ? await readFluxInstall(options, { namespace }, io) : undefined
    if (flux) note(io, io.err.dim(`Flux ${flux.manifests.version} from ${flux.origin}`))
    const path = sync.path === '' ? '.' : sync.path
    const fleet = {
      ...{ owner, repository, personal: false, branch: sync.branch, path, namespace },
      ...{ management: path === '.' ? namespace : path, clusters: [], warnings: [] },
    }
    const context = {
      ...{ fleet, forge, client, dataDir, flux, place, ...write },
      clock: systemClock,
      logger: stderrLogger(io),
      signal: io.signal,
      timeoutMs: options.timeout,
    }
    const json = options.output === 'json'
    if (options.dryRun || !(options.yes || json || !io.stdin.isTTY)) {
      const plan = await planBootstrap(context, switchSteps(options.to))
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
    const work = () =>
      aloneAtSwitch(context, options.to, () =>
        applyBootstrap(
          { ...context, onEvent: bootstrapReporter(io, forge), ...faultSeam(io.env) },
          switchSteps(options.to),
        ),
      )
    const { withEngineBeside } = await import('../../local/engine-beside.ts')
    const beside = { client, dataDir, namespace, clock: systemClock, logger: context.logger, signal: io.signal }
    const { result: report, acted } =
      options.to === 'flux' ? { result: await work(), acted: false } : await withEngineBeside(beside, work)
    if (json) printData(io, report, 'json')
    else print(io, renderReport(report, io.out, 'switch'))
    if (report.error) throw report.error
    if (acted && place?.in !== 'cluster')
      note(
        io,
        `${io.err.attention('!')} No engine runs on this cluster by itself. Keep it in line with Git: sluice engine${options.kubeconfig ? ` --kubeconfig ${options.kubeconfig}` : ''}`,
      )
  } finally {
    await client.close()
  }
}

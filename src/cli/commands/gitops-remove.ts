import { systemClock } from '../../base/clock.ts'
import { SluiceError } from '../../base/errors/index.ts'
import type { FleetRepository } from '../../fleet/repository-remote.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import { withCluster } from '../connect.ts'
import { type CliIo, note, print } from '../io.ts'
import { renderSteps, stepReporter } from '../output/gitops.ts'
import { printData } from '../output/result.ts'
import { stderrLogger } from '../process.ts'
import {
  addClusterOptions,
  type ClusterOptions,
  examples,
  type OutputFormat,
  outputOption,
  type RegisterCommand,
} from './command.ts'
import { addForgeOptions, type ForgeOptions, openForge } from './forge-options.ts'

interface RemoveOptions extends ClusterOptions, ForgeOptions {
  readonly namespace: string
  readonly deleteRepository?: string
  readonly dryRun?: boolean
  readonly yes?: boolean
  readonly output?: OutputFormat
}

export const registerGitOpsRemove: RegisterCommand = (group, { io }) => {
  addForgeOptions(addClusterOptions(group.command('remove')))
    .description('Stop following Git: everything that was applied stays in the cluster as it is')
    .option('-n, --namespace <name>', 'namespace of the objects that follow Git', 'flux-system')
    .option('--delete-repository <owner/name>', 'also remove the repository, for good; its name, to be sure')
    .option('--dry-run', 'print the plan, and change nothing')
    .option('-y, --yes', 'do not ask')
    .addOption(outputOption('json'))
    .addHelpText(
      'after',
      `\nPruning is turned off first. The repository stays as it is; \`sluice bootstrap\` follows it again.\n${examples(
        [
          ['sluice gitops remove --dry-run', 'see what goes and what stays'],
          ['sluice gitops remove', 'clusters, node groups and applications stay'],
          ['sluice gitops remove --delete-repository acme/fleet', 'and the repository is removed on its host'],
        ],
      )}`,
    )
    .action((options: RemoveOptions) => remove(options, io))
}

async function remove(options: RemoveOptions, io: CliIo): Promise<void> {
  const { applyRemove, planRemove } = await import('../../gitops/index.ts')
  const { faultSeam } = await import('../../bootstrap/index.ts')
  const { withEngineBeside } = await import('../../local/engine-beside.ts')
  await withCluster(options, io, async ({ client, dataDir }) => {
    const repository = await repositoryOf(options, client, io)
    try {
      const { namespace } = options
      const context = {
        client,
        namespace,
        repository,
        deleteRepository: options.deleteRepository !== undefined,
        clock: systemClock,
        signal: io.signal,
        ...faultSeam(io.env),
      }
      const json = options.output === 'json'
      const dryRun = options.dryRun === true
      const { confirm, requireYes } = await import('../confirm.ts')
      if (!dryRun) requireYes(io, 'sluice gitops remove', { yes: options.yes === true, json })
      if (dryRun || !(options.yes || json || !io.stdin.isTTY)) {
        const plan = await planRemove(context)
        if (json) printData(io, { dryRun: true, steps: plan }, 'json')
        else print(io, renderSteps(plan, io.out))
        const blocked = plan.find(step => step.problem)
        if (blocked?.problem) throw blocked.problem
        if (dryRun) return
        if (!(await confirm(io, 'Carry this plan out?'))) return note(io, 'nothing was changed')
      }
      // The finalizer of the Kustomization is the engine's.
      const beside = { client, dataDir, namespace, clock: systemClock, logger: stderrLogger(io), signal: io.signal }
      const { result: report } = await withEngineBeside(beside, () =>
        applyRemove({ ...context, onEvent: stepReporter(io) }),
      )
      if (json) printData(io, report, 'json')
      else if (report.error) print(io, `${io.out.bad('It stopped.')} Run the same command again: it goes on here.`)
      else print(io, `${io.out.good('✔')} the cluster follows no repository; what runs stays`)
      if (report.error) throw report.error
    } finally {
      await repository?.forge.close()
    }
  })
}

/** The repository that is followed; needed for its deploy key, and to remove it. Without a credential neither is done. */
async function repositoryOf(
  options: RemoveOptions,
  client: KubeClient,
  io: CliIo,
): Promise<FleetRepository | undefined> {
  const { gitRepositoryKind } = await import('../../fleet/read-fleet.ts')
  const { fleetRepository } = await import('../../fleet/repository-remote.ts')
  const { valueAt } = await import('../../base/json.ts')
  const { namespace, deleteRepository } = options
  const source = await client.find({ ...gitRepositoryKind, namespace, name: namespace }, { signal: io.signal })
  const url = valueAt(source, ['spec', 'url'])
  if (typeof url !== 'string') {
    if (deleteRepository === undefined) return undefined
    const { namedRepository } = await import('./import.ts')
    return (await namedRepository(deleteRepository, options, io)).repository
  }
  try {
    const repository = fleetRepository(await openForge(options, io, { url, by: 'cluster' }), url)
    const name = `${repository.owner}/${repository.name}`
    if (deleteRepository !== undefined && deleteRepository !== name) {
      await repository.forge.close()
      throw new SluiceError('E_USAGE', { object: '--delete-repository', expected: name, seen: deleteRepository })
    }
    return repository
  } catch (error) {
    if (!(error instanceof SluiceError) || deleteRepository !== undefined) throw error
    note(io, `${io.err.attention('warning')} ${url} cannot be asked, so a deploy key stays there: ${error.message}`)
    return undefined
  }
}

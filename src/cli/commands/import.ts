import { systemClock } from '../../base/clock.ts'
import { SluiceError } from '../../base/errors/index.ts'
import type { FleetRepository } from '../../fleet/repository-remote.ts'
import type { Forge } from '../../forges/types.ts'
import { type ConnectedCluster, connectCluster } from '../connect.ts'
import { type CliIo, note, print } from '../io.ts'
import { renderImport } from '../output/import.ts'
import { printable } from '../output/printable.ts'
import { printData } from '../output/result.ts'
import { reviewReporter } from '../output/review.ts'
import {
  addClusterOptions,
  type ClusterOptions,
  examples,
  type OutputFormat,
  outputOption,
  type RegisterCommand,
} from './command.ts'
import { openFleetForge } from './fleet-forge.ts'
import { addForgeOptions, type ForgeOptions, openForge, readPlainFile } from './forge-options.ts'
import { addWriteOptions, readWriteOptions, type WriteOptions } from './write-options.ts'

interface ImportOptions extends ClusterOptions, ForgeOptions, WriteOptions {
  readonly repository?: string
  readonly branch?: string
  readonly guardrails?: string
  readonly adopt?: boolean
  readonly dryRun?: boolean
  readonly yes?: boolean
  readonly output?: OutputFormat
}

export const registerImport: RegisterCommand = (program, { io }) => {
  addWriteOptions(addForgeOptions(addClusterOptions(program.command('import'))))
    .description('Manage a repository that EKS Anywhere or flux bootstrap made; nothing that is applied changes')
    .option(
      '--repository <owner/name>',
      'the repository, as owner/name or by its address (default: the one that the cluster follows); no cluster is asked then',
    )
    .option('--branch <name>', 'the branch (default: the one that the cluster follows, or the default branch)')
    .option('--guardrails <file>', 'also add this file to the repository as sluice.yaml')
    .option('--adopt', 'take over a repository with content that nothing explains; it stays as it is')
    .option('--dry-run', 'show what was found and what would be added, and write nothing')
    .option('-y, --yes', 'do not ask')
    .addOption(outputOption('json'))
    .addHelpText(
      'after',
      examples([
        ['sluice import --dry-run', 'what the repository of the cluster holds, and the proof that nothing changes'],
        ['sluice import', 'from then on, Sluice manages it'],
        ['sluice import --repository acme/fleet --host gitlab.com', 'without a cluster'],
        ['sluice import --guardrails sluice.yaml --pull-request', 'with limits for scaling, through a pull request'],
      ]),
    )
    .action((options: ImportOptions) => importOne(options, io))
}

async function importOne(options: ImportOptions, io: CliIo): Promise<void> {
  const { importRepository } = await import('../../gitops/index.ts')
  const { defaultAuthor } = await import('../../forges/changes/index.ts')
  const { resolve } = await import('node:path')
  const write = await readWriteOptions(options, io)
  const guardrails = options.guardrails === undefined ? undefined : await readLimits(options.guardrails, io)
  const cluster = options.repository === undefined ? await connectCluster(options, io) : undefined
  try {
    const { forge, repository, sync } = await subjectOf(options, cluster, io)
    try {
      const { login } = await forge.identify(io.signal)
      const request = {
        repository,
        sync,
        branch: options.branch,
        guardrails,
        adopt: options.adopt ?? false,
        dataDir: resolve(io.cwd, options.data),
        review: write.review,
        reviewTimeoutMs: write.reviewTimeoutMs,
        onReview: reviewReporter(io, forge),
        author: write.author ?? defaultAuthor(login, forge.host),
        committer: write.committer,
        signer: write.signer,
        clock: systemClock,
        signal: io.signal,
      }
      const json = options.output === 'json'
      const asks = !(options.yes || json || !io.stdin.isTTY)
      if (options.dryRun || asks) {
        const plan = await importRepository({ ...request, dryRun: true })
        if (json) printData(io, { dryRun: true, ...plan }, 'json')
        else print(io, renderImport(plan, io.out))
        if (plan.refusal) throw plan.refusal
        if (options.dryRun) return
        const { confirm } = await import('../confirm.ts')
        const todo = plan.files.some(file => file.action === 'create')
        if (todo && !(await confirm(io, 'Commit this?'))) return note(io, 'nothing was changed')
      }
      const result = await importRepository({ ...request, dryRun: false }, plan => {
        if (!json && !asks) print(io, renderImport(plan, io.out))
      })
      if (json) return printData(io, result, 'json')
      const { owner, name } = result.repository
      const reviewed = result.pullRequest === undefined ? '' : `, reviewed in ${printable(result.pullRequest)}`
      print(
        io,
        result.pushed
          ? `${io.out.good('✔')} committed ${result.commit?.slice(0, 7)}${reviewed}: Sluice manages ${printable(`${owner}/${name}`)}`
          : `${io.out.good('✔')} Sluice manages ${printable(`${owner}/${name}`)} already`,
      )
    } finally {
      await forge.close()
    }
  } finally {
    await cluster?.client.close()
  }
}

async function subjectOf(options: ImportOptions, cluster: ConnectedCluster | undefined, io: CliIo) {
  if (cluster) {
    const { findFleetSync } = await import('../../fleet/find-sync.ts')
    const { fleetRepository } = await import('../../fleet/repository-remote.ts')
    const sync = await findFleetSync(cluster.client, io.signal)
    const forge = await openFleetForge(options, cluster.client, io)
    return { forge, repository: fleetRepository(forge, sync.url), sync }
  }
  return { ...(await namedRepository(options.repository ?? '', options, io)), sync: undefined }
}

/** A repository that a person names, as owner/name or by its address. Fails with E_USAGE. */
export async function namedRepository(
  text: string,
  options: ForgeOptions,
  io: CliIo,
): Promise<{ readonly forge: Forge; readonly repository: FleetRepository }> {
  const { gitAddress, namesIn } = await import('../../forges/index.ts')
  const isAddress = text.includes(':')
  const forge = await openForge(options, io, isAddress ? { url: gitAddress(text).href, by: 'person' } : undefined)
  const { owner, name } = isAddress ? forge.namesOf(gitAddress(text)) : namesIn({ path: text })
  if (name === '' || (owner === '' && forge.kind !== 'git'))
    throw new SluiceError('E_USAGE', { object: '--repository', expected: 'OWNER/NAME', seen: JSON.stringify(text) })
  return { forge, repository: { forge, owner, name, remote: forge.remote(owner, name) } }
}

/** The text of a file of guardrails that has no mistake. Fails with E_SPEC_INVALID. */
async function readLimits(name: string, io: CliIo): Promise<string> {
  const { readGuardrails, specError } = await import('../../specs/index.ts')
  const { text } = await readPlainFile(name, io)
  const { problems } = readGuardrails({ path: name, text })
  if (problems.length > 0) throw specError(problems)
  return text
}

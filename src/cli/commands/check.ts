import { systemClock } from '../../base/clock.ts'
import { SluiceError } from '../../base/errors/index.ts'
import type { DiagnosisSubject } from '../../bootstrap/index.ts'
import type { CheckLine } from '../../forges/index.ts'
import { type ConnectedCluster, connectCluster } from '../connect.ts'
import { type CliIo, note, print } from '../io.ts'
import { checkLineText, checkSummary } from '../output/check.ts'
import { printData } from '../output/result.ts'
import {
  addClusterOptions,
  type ClusterOptions,
  examples,
  type OutputFormat,
  outputOption,
  type RegisterCommand,
} from './command.ts'
import { recordProof } from './credential-sources.ts'
import { addForgeOptions, type ForgeOptions, openForge } from './forge-options.ts'
import { readSpecFiles } from './spec-files.ts'

interface CheckOptions extends ClusterOptions, ForgeOptions {
  readonly filename?: readonly string[]
  readonly repository?: string
  readonly branch: string
  readonly personal?: boolean
  readonly probe?: boolean
  readonly cluster: boolean
  readonly output?: OutputFormat
}

export const registerCheck: RegisterCommand = (program, { io }) => {
  addForgeOptions(addClusterOptions(program.command('check')))
    .description('Check specs, token and cluster for a bootstrap; nothing is written unless --probe asks for it')
    .option('-f, --filename <file...>', 'spec files or folders of them; `-` reads standard input')
    .option('--repository <owner/name>', 'instead of specs: a repository, as owner/name or by its address')
    .option('--branch <name>', 'with --repository: the branch', 'main')
    .option('--personal', 'with --repository: the owner is the account of the token, not an organization')
    .option('--probe', 'also try it: make a repository (or a branch, where it is there), push, read back, remove')
    .option('--no-cluster', 'leave the cluster out')
    .addOption(outputOption('json'))
    .addHelpText(
      'after',
      examples([
        ['sluice check -f mgmt.yaml', 'what would stop a bootstrap'],
        ['sluice check -f mgmt.yaml --no-cluster --probe', 'the token alone, tried for real'],
        ['sluice check --repository acme/platform/fleet --host gitlab.com', 'a token without any spec'],
      ]),
    )
    .action((options: CheckOptions) => check(options, io))
}

async function check(options: CheckOptions, io: CliIo): Promise<void> {
  const { diagnose, problemOf } = await import('../../bootstrap/index.ts')
  const { subject, forge, found } = await subjectOf(options, io)
  const withCluster = options.cluster && 'fleet' in subject
  const cluster: ConnectedCluster | undefined = withCluster ? await connectCluster(options, io) : undefined
  const json = options.output === 'json'
  const lines: CheckLine[] = []
  const show = (line: CheckLine) => {
    lines.push(line)
    if (!json) print(io, checkLineText(line, io.out))
  }
  const { mkdtemp, rm } = await import('node:fs/promises')
  const { tmpdir } = await import('node:os')
  const dataDir = await mkdtemp(`${tmpdir()}/sluice-check-`)
  try {
    if (found) show(found)
    const context = {
      ...subject,
      forge,
      dataDir,
      clock: systemClock,
      signal: io.signal,
      probe: options.probe ?? false,
      ...(cluster ? { client: cluster.client } : {}),
    }
    for await (const line of diagnose(context)) show(line)
    await recordProof(forge, io)
  } finally {
    await cluster?.client.close()
    await forge.close()
    await rm(dataDir, { recursive: true, force: true })
  }
  if (json) printData(io, { ok: lines.every(line => line.status !== 'fail'), checks: lines }, 'json')
  else print(io, `\n${checkSummary(lines)}`)
  const failed = lines.find(line => line.status === 'fail')
  if (failed) throw problemOf(failed)
}

/** A diagnosis says that the host asks to wait, rather than to wait for an hour. */
const limits = { maxWaitMs: 90_000 }

/** What is to be checked, and the Git host that it is on. */
async function subjectOf(options: CheckOptions, io: CliIo) {
  const { fleetOn, readFleetSpecs } = await import('../../bootstrap/index.ts')
  const { filename, repository } = options
  if ((filename === undefined) === (repository === undefined))
    throw new SluiceError('E_USAGE', { object: 'sluice check', expected: '-f FILE, or --repository OWNER/NAME' })
  if (filename !== undefined) {
    const read = readFleetSpecs(await readSpecFiles(filename, io))
    for (const warning of read.warnings) note(io, `${io.err.attention('warning')} ${warning}`)
    const forge = await openForge(options, io, read.git && { url: read.git.url, by: 'person', plain: true }, limits)
    const fleet = fleetOn(read, forge)
    const detail = fleet.clusters.map(one => one.name).join(', ')
    const found: CheckLine = { id: 'specs', title: 'the specs are valid', status: 'pass', ms: 0, detail }
    return { subject: { fleet } satisfies DiagnosisSubject, forge, found }
  }
  const { gitAddress, namesIn } = await import('../../forges/index.ts')
  const text = repository ?? ''
  const isAddress = text.includes(':')
  const forge = await openForge(options, io, isAddress ? { url: text, by: 'person' } : undefined, limits)
  const { owner, name } = isAddress ? forge.namesOf(gitAddress(text)) : namesIn({ path: text })
  if (owner === '' && forge.kind !== 'git')
    throw new SluiceError('E_USAGE', { object: '--repository', expected: 'OWNER/NAME', seen: JSON.stringify(text) })
  const target = { owner, personal: options.personal ?? false, repository: name, branch: options.branch }
  return { subject: { target } satisfies DiagnosisSubject, forge, found: undefined }
}

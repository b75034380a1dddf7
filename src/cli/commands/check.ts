import { systemClock } from '../../base/clock.ts'
import type { CheckLine } from '../../forges/index.ts'
import { type ConnectedCluster, connectCluster } from '../connect.ts'
import { type CliIo, note, print } from '../io.ts'
import { checkLineText } from '../output/check.ts'
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
  readonly filename: readonly string[]
  readonly cluster: boolean
  readonly output?: OutputFormat
}

export const registerCheck: RegisterCommand = (program, { io }) => {
  addForgeOptions(addClusterOptions(program.command('check')))
    .description('Check specs, token and cluster for a bootstrap; nothing is written')
    .requiredOption('-f, --filename <file...>', 'spec files or folders of them; `-` reads standard input')
    .option('--no-cluster', 'leave the cluster out')
    .addOption(outputOption('json'))
    .addHelpText(
      'after',
      examples([
        ['sluice check -f mgmt.yaml', 'what would stop a bootstrap'],
        ['sluice check -f mgmt.yaml --no-cluster', 'the token alone'],
      ]),
    )
    .action((options: CheckOptions) => check(options, io))
}

async function check(options: CheckOptions, io: CliIo): Promise<void> {
  const { preflight, problemOf, readFleetSpecs } = await import('../../bootstrap/index.ts')
  const fleet = readFleetSpecs(await readSpecFiles(options.filename, io))
  for (const warning of fleet.warnings) note(io, `${io.err.attention('warning')} ${warning}`)
  const forge = await openForge(options, io)
  const cluster: ConnectedCluster | undefined = options.cluster ? await connectCluster(options, io) : undefined
  const json = options.output === 'json'
  const lines: CheckLine[] = []
  const specs: CheckLine = {
    id: 'specs',
    title: 'the specs are valid',
    status: 'pass',
    ms: 0,
    detail: fleet.clusters.map(one => one.name).join(', '),
  }
  const show = (line: CheckLine) => {
    lines.push(line)
    if (!json) print(io, checkLineText(line, io.out))
  }
  try {
    show(specs)
    const context = {
      fleet,
      forge,
      clock: systemClock,
      signal: io.signal,
      ...(cluster ? { client: cluster.client } : {}),
    }
    for await (const line of preflight(context)) show(line)
    await recordProof(forge, io)
  } finally {
    await cluster?.client.close()
  }
  if (json) printData(io, { ok: lines.every(line => line.status !== 'fail'), checks: lines }, 'json')
  const failed = lines.find(line => line.status === 'fail')
  if (failed) throw problemOf(failed)
}

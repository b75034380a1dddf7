import { join, resolve } from 'node:path'
import { writeFileAtomic } from '../../base/atomic-file.ts'
import { editText, readBounded } from '../editor.ts'
import { type CliIo, note, print } from '../io.ts'
import { formatMs } from '../output/engine-event.ts'
import { planReporter } from '../output/follow.ts'
import { printable } from '../output/printable.ts'
import { printData } from '../output/result.ts'
import {
  addClusterOptions,
  examples,
  type OutputFormat,
  outputOption,
  type RegisterCommand,
  timeoutOption,
} from './command.ts'
import { type FleetChangeOptions, withFleetChange } from './fleet-change.ts'
import { addForgeOptions } from './forge-options.ts'
import { addWriteOptions } from './write-options.ts'

interface EditOptions extends FleetChangeOptions {
  readonly filename?: string
  readonly message?: string
  readonly dryRun?: boolean
  readonly output?: OutputFormat
}

export const registerEdit: RegisterCommand = (program, { io }) => {
  addWriteOptions(addForgeOptions(addClusterOptions(program.command('edit'))))
    .description('Edit the file of a cluster in Git: checked against every rule, committed and followed')
    .argument('<cluster>', 'name of the cluster')
    .option('-f, --filename <file>', 'take the new text from this file instead of opening $VISUAL or $EDITOR')
    .option('-m, --message <text>', 'message of the commit')
    .option('--dry-run', 'check and show the change, and commit nothing')
    .addOption(outputOption('json'))
    .addOption(timeoutOption('30m', 'how long to follow'))
    .addHelpText(
      'after',
      examples([
        ['sluice edit prod', 'opens the file as it is on the branch'],
        ['EDITOR="code --wait" sluice edit prod', 'an editor with arguments'],
        ['sluice edit prod -f prod.yaml --dry-run', 'check a text that is there already'],
        ['sluice edit prod -m "Move prod to 1.33" --pull-request', 'through a pull request, whose merge is awaited'],
      ]),
    )
    .action((cluster: string, options: EditOptions) => edit(cluster, options, io))
}

async function edit(cluster: string, options: EditOptions, io: CliIo): Promise<void> {
  const { editCluster } = await import('../../fleet/edit-cluster.ts')
  const given = options.filename === undefined ? undefined : await readBounded(resolve(io.cwd, options.filename))
  await withFleetChange(options, io, async ({ forge, request }) => {
    const { dataDir } = request
    let edited: string | undefined
    let committed = false
    const result = await editCluster({
      ...request,
      cluster,
      edit: async ({ path, text }) => {
        if (given !== undefined) return given
        edited = await editText(path, text, io)
        if (edited === text) edited = undefined
        return edited ?? text
      },
      message: options.message,
      dryRun: options.dryRun ?? false,
      onPlan: planReporter(io, forge, 'has this text already'),
      onCommit: commit => {
        committed = true
        note(io, `${io.err.good('✔')} committed ${commit.slice(0, 7)}`)
      },
    }).catch(async (error: unknown) => {
      if (edited !== undefined && !committed) await keep(cluster, edited, dataDir, io)
      throw error
    })
    if (options.output === 'json') return printData(io, result ?? { changed: false }, 'json')
    if (!result) return print(io, 'nothing was changed')
    if (options.dryRun) {
      // What was typed in an editor is worth keeping.
      if (edited !== undefined) await keep(cluster, edited, dataDir, io)
      return print(io, 'nothing was committed (--dry-run)')
    }
    const took = result.timings ? ` after ${formatMs(result.timings.readyMs)}` : ''
    const reviewed = result.pullRequest === undefined ? '' : `, reviewed in ${printable(result.pullRequest)}`
    print(io, `${io.out.good('✔')} ${cluster}: the cluster agrees with Git${took}${reviewed}`)
  })
}

/** Puts a text that was not committed where the next run can take it from. */
async function keep(cluster: string, text: string, dataDir: string, io: CliIo): Promise<void> {
  const file = join(dataDir, `edited-${cluster.replace(/[^\w.-]+/g, '-')}.yaml`)
  await writeFileAtomic(file, text, 0o600)
  note(io, `your text is kept in ${file}: \`sluice edit ${cluster} -f ${file}\` takes it up`)
}

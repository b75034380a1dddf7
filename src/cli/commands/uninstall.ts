import { systemClock } from '../../base/clock.ts'
import { confirm, requireYes } from '../confirm.ts'
import { withCluster } from '../connect.ts'
import { type CliIo, note, print } from '../io.ts'
import { printable } from '../output/printable.ts'
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

interface UninstallCommandOptions extends ClusterOptions {
  readonly namespace: string
  readonly dryRun?: boolean
  readonly keepNamespace?: boolean
  readonly silent?: boolean
  readonly yes?: boolean
  readonly output?: OutputFormat
  readonly timeout: number
}

export const registerUninstall: RegisterCommand = (program, { io }) => {
  addClusterOptions(program.command('uninstall'))
    .description('Take the engine and the synchronization out of a cluster; what was reconciled stays')
    .option('-n, --namespace <name>', 'namespace of the engine', 'flux-system')
    .option('--dry-run', 'show every object that goes, and change nothing')
    .option('--keep-namespace', 'leave the namespace')
    .option('-y, --yes', 'do not ask')
    .option('-s, --silent', 'the same, as flux uninstall has it')
    .addOption(outputOption('json'))
    .addOption(timeoutOption('5m', 'how long each step may take'))
    .addHelpText(
      'after',
      examples([
        ['sluice uninstall --dry-run', 'every object that goes'],
        ['sluice uninstall --keep-namespace', 'leave the namespace, with the credential in it'],
        ['kubectl delete kustomization -n flux-system flux-system', 'before it: also prune what was reconciled'],
      ]),
    )
    .action((options: UninstallCommandOptions) => runUninstall(options, io))
}

async function runUninstall(options: UninstallCommandOptions, io: CliIo): Promise<void> {
  const { inspectInstalled } = await import('../../bootstrap/uninstall/inspect.ts')
  const { uninstall, uninstallSteps } = await import('../../bootstrap/uninstall/uninstall.ts')
  const { faultSeam } = await import('../../bootstrap/index.ts')
  const yes = options.yes === true || options.silent === true
  if (!options.dryRun) requireYes(io, 'sluice uninstall', { yes, json: options.output === 'json' })
  await withCluster(options, io, async ({ client }) => {
    const request = {
      client,
      namespace: options.namespace,
      keepNamespace: options.keepNamespace === true,
      signal: io.signal,
    }
    const found = await inspectInstalled(request)
    const steps = uninstallSteps(found)
    const json = options.output === 'json'
    if (json && options.dryRun) return printData(io, { dryRun: true, steps, notes: found.notes }, 'json')
    if (steps.length === 0) {
      for (const text of found.notes) note(io, printable(text))
      return json ? printData(io, { steps, notes: found.notes }, 'json') : print(io, 'nothing of Sluice is there')
    }
    if (!json) {
      for (const { title, objects } of steps) {
        print(io, `- ${title}`)
        for (const object of objects) print(io, `    ${printable(object)}`)
      }
      for (const text of found.notes) print(io, `  ${printable(text)}`)
    }
    if (options.dryRun) return print(io, 'nothing was changed (--dry-run)')
    const ask = !(options.yes || options.silent || json) && io.stdin.isTTY === true
    if (ask && !(await confirm(io, `Take Sluice out of ${client.server}?`))) return note(io, 'nothing was changed')
    const taken = await uninstall({
      ...request,
      clock: systemClock,
      logger: stderrLogger(io),
      timeoutMs: options.timeout,
      onStep: title => note(io, `► ${title}`),
      ...faultSeam(io.env),
    })
    if (json) return printData(io, { steps: taken, notes: found.notes }, 'json')
    print(io, `${io.out.good('✔')} Sluice is gone from this cluster; what it reconciled stays`)
    print(io, '  Its files stay in Git: remove the flux-system folder there, or bootstrap again from it.')
  })
}

import type { Origin } from '../../insight/debug.ts'
import { withCluster } from '../connect.ts'
import { note, print } from '../io.ts'
import { type ListView, printData, printList } from '../output/result.ts'
import {
  addClusterOptions,
  type ClusterOptions,
  examples,
  type OutputFormat,
  outputOption,
  type RegisterCommand,
} from './command.ts'

interface DebugOptions extends ClusterOptions {
  readonly namespace: string
  readonly showSecrets?: boolean
  readonly output?: OutputFormat
}

export const registerDebug: RegisterCommand = (program, { io }) => {
  const debug = program
    .command('debug')
    .description('Show what an engine works with: resolved variables and where they come from')
  addClusterOptions(debug.command('kustomization'))
    .alias('ks')
    .description('The variables of spec.postBuild as they are substituted')
    .argument('[name]', 'name of the Kustomization', 'flux-system')
    .option('-n, --namespace <name>', 'namespace of the object', 'flux-system')
    .option('--show-secrets', 'print the values of Secrets too')
    .addOption(outputOption('json', 'yaml', 'name'))
    .addHelpText('after', examples([['sluice debug kustomization apps', 'each variable with its source']]))
    .action(async (name: string, options: DebugOptions) => {
      const { getFluxObject } = await import('../../insight/flux-objects.ts')
      const { substitutions } = await import('../../insight/debug.ts')
      const rows = await withCluster(options, io, async ({ client }) => {
        const words = { kind: 'kustomization', name, namespace: options.namespace }
        return substitutions(
          client,
          await getFluxObject(client, words, io.signal),
          options.showSecrets ?? false,
          io.signal,
        )
      })
      if (rows.some(row => row.value === undefined))
        note(io, io.err.dim('values of Secrets are hidden; --show-secrets prints them'))
      const view: ListView<Origin> = {
        empty: 'It substitutes nothing.',
        name: row => row.name,
        columns: [
          { header: 'VARIABLE', value: row => row.name },
          { header: 'VALUE', value: row => row.value ?? '***' },
          { header: 'FROM', value: row => (row.overrides ? `${row.from} (hides ${row.overrides})` : row.from) },
        ],
      }
      printList(io, rows, view, options.output)
    })
  addClusterOptions(debug.command('helmrelease'))
    .alias('hr')
    .description('The merged values of a HelmRelease, and its history')
    .argument('<name>', 'name of the HelmRelease')
    .option('-n, --namespace <name>', 'namespace of the object', 'flux-system')
    .option('--show-secrets', 'print what comes from Secrets too')
    .addOption(outputOption('json', 'yaml'))
    .addHelpText('after', examples([['sluice debug helmrelease web -n shop', 'what helm is given']]))
    .action(async (name: string, options: DebugOptions) => {
      const { getFluxObject } = await import('../../insight/flux-objects.ts')
      const { releaseValues } = await import('../../insight/debug.ts')
      const { stringifyYaml } = await import('../../kube/yaml/index.ts')
      const { valueAt } = await import('../../base/json.ts')
      const words = { kind: 'helmrelease', name, namespace: options.namespace }
      const { values, history } = await withCluster(options, io, async ({ client }) => {
        const object = await getFluxObject(client, words, io.signal)
        const shown = await releaseValues(client, object, options.showSecrets ?? false, io.signal)
        return { values: shown, history: valueAt(object, ['status', 'history']) ?? [] }
      })
      if (!options.showSecrets) note(io, io.err.dim('what comes from Secrets is hidden; --show-secrets prints it'))
      if (options.output === 'json' || options.output === 'yaml') printData(io, { values, history }, options.output)
      else
        print(io, `# values\n${stringifyYaml(values)}# history\n${stringifyYaml(history as Record<string, unknown>)}`)
    })
}

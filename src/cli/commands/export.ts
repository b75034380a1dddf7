import { withCluster } from '../connect.ts'
import { note, print } from '../io.ts'
import { addClusterOptions, type ClusterOptions, examples, type RegisterCommand } from './command.ts'

interface ExportOptions extends ClusterOptions {
  readonly namespace?: string
  readonly all?: boolean
}

export const registerExport: RegisterCommand = (program, { io }) => {
  addClusterOptions(program.command('export'))
    .description("Print Flux's objects as somebody would write them: no status, nothing that servers put in")
    .argument('<kind>', 'kind of Flux, or `all`')
    .argument('[name]', 'only this object')
    .option('-n, --namespace <name>', 'only this namespace')
    .addHelpText(
      'after',
      examples([
        ['sluice export kustomizations > apps.yaml', 'all of a kind'],
        ['sluice export source flux-system -n flux-system', 'one object'],
        ['sluice export all', 'everything'],
      ]),
    )
    .action(async (word: string, name: string | undefined, options: ExportOptions) => {
      const { fluxKinds, kindFromWord } = await import('../../fleet/flux-kinds.ts')
      const { listIfKnown } = await import('../../fleet/read-fleet.ts')
      const { exportable } = await import('../../insight/export.ts')
      const { stringifyYaml } = await import('../../kube/yaml/index.ts')
      const kinds = word === 'all' ? fluxKinds : [kindFromWord(word)]
      const texts = await withCluster(options, io, async ({ client }) => {
        const lists = await Promise.all(kinds.map(kind => listIfKnown(client, kind, io.signal)))
        return lists
          .flat()
          .filter(one => name === undefined || one.metadata.name === name)
          .filter(one => options.namespace === undefined || one.metadata.namespace === options.namespace)
          .map(one => `---\n${stringifyYaml(exportable(one))}`)
      })
      if (texts.length === 0) note(io, 'No such objects.')
      else print(io, texts.join(''))
    })
}

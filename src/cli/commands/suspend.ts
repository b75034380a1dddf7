import type { Command } from 'commander'
import { withCluster } from '../connect.ts'
import { print } from '../io.ts'
import {
  addClusterOptions,
  type ClusterOptions,
  type CommandContext,
  examples,
  type RegisterCommand,
} from './command.ts'

interface SuspendOptions extends ClusterOptions {
  readonly namespace: string
}

export const registerSuspend: RegisterCommand = (program, context) => {
  register(program, context, true)
  register(program, context, false)
}

function register(program: Command, { io }: CommandContext, suspend: boolean): void {
  const verb = suspend ? 'suspend' : 'resume'
  addClusterOptions(program.command(verb))
    .description(suspend ? 'Stop the engine from acting on an object' : 'Let the engine act again')
    .argument('<kind>', 'source, kustomization, helmrelease or another kind of Flux')
    .argument('[name]', 'name of the object', 'flux-system')
    .option('-n, --namespace <name>', 'namespace of the object', 'flux-system')
    .addHelpText(
      'after',
      examples([
        [`sluice ${verb} kustomization apps`, suspend ? 'what is applied stays as it is' : 'and reconcile at once'],
      ]),
    )
    .action(async (kind: string, name: string, options: SuspendOptions) => {
      const { setSuspended } = await import('../../fleet/suspend.ts')
      const { kindFromWord } = await import('../../fleet/flux-kinds.ts')
      await withCluster(options, io, async ({ client }) => {
        const changed = await setSuspended({
          client,
          kind: kindFromWord(kind),
          namespace: options.namespace,
          name,
          suspend,
          signal: io.signal,
        })
        print(
          io,
          `${kind}/${options.namespace}/${name} ${changed ? `${verb}${suspend ? 'ed' : 'd'}` : `was ${verb}${suspend ? 'ed' : 'd'} already`}`,
        )
      })
    })
}

import { withCluster } from '../connect.ts'
import { note, print } from '../io.ts'
import { addClusterOptions, type ClusterOptions, examples, type RegisterCommand, timeoutOption } from './command.ts'

interface ReconcileOptions extends ClusterOptions {
  readonly namespace: string
  readonly timeout: number
  readonly withSource?: boolean
}

export const registerReconcile: RegisterCommand = (program, { io }) => {
  addClusterOptions(program.command('reconcile'))
    .description('Ask the engine to look at an object now, and wait for the outcome')
    .argument('<kind>', 'source, kustomization, helmrelease or another kind of Flux')
    .argument('[name]', 'name of the object', 'flux-system')
    .option('-n, --namespace <name>', 'namespace of the object', 'flux-system')
    .option('--with-source', 'fetch the source of a Kustomization first')
    .addOption(timeoutOption('5m'))
    .addHelpText(
      'after',
      examples([
        ['sluice reconcile source', 'fetch the fleet repository now'],
        ['sluice reconcile kustomization apps --with-source', 'fetch, then apply'],
      ]),
    )
    .action(async (kind: string, name: string, options: ReconcileOptions) => {
      const { reconcileNow } = await import('../../fleet/reconcile.ts')
      const { kindFromWord } = await import('../../fleet/flux-kinds.ts')
      await withCluster(options, io, async ({ client }) => {
        const outcome = await reconcileNow({
          client,
          kind: kindFromWord(kind),
          namespace: options.namespace,
          name,
          withSource: options.withSource ?? false,
          timeoutMs: options.timeout,
          signal: io.signal,
          onProgress: text => note(io, io.err.dim(text)),
        })
        print(io, `${io.out.good('✔')} ${outcome.object}: ${outcome.message}`)
      })
    })
}

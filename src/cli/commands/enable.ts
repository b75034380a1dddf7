import { SluiceError } from '../../base/errors/index.ts'
import { bootstrapSpecs } from './bootstrap.ts'
import { addBootstrapOptions, type BootstrapOptions } from './bootstrap-fleet.ts'
import { examples, type RegisterCommand } from './command.ts'

interface EnableOptions extends BootstrapOptions {
  readonly configFile: string
}

/** `sluice enable flux`: eksctl's command, for those whose fingers know it. */
export const registerEnable: RegisterCommand = (program, { io }) => {
  const enable = program.command('enable').description('Set up Git for an eksctl cluster, as `eksctl enable` does')
  addBootstrapOptions(enable.command('flux'))
    .description('Bring a ClusterConfig into the repository of its gitops.flux and make the cluster follow it')
    .requiredOption('-f, --config-file <file>', 'ClusterConfig; `-` reads standard input')
    .addHelpText(
      'after',
      examples([
        ['sluice enable flux -f clusterconfig.yaml --dry-run', 'see every step first'],
        ['sluice enable flux -f clusterconfig.yaml', 'the same as sluice bootstrap -f clusterconfig.yaml'],
      ]),
    )
    .action(({ configFile, ...options }: EnableOptions) =>
      bootstrapSpecs({ ...options, filename: [configFile] }, io, fleet => {
        if (fleet.eksctl !== undefined) return
        throw new SluiceError('E_USAGE', {
          expected: 'a ClusterConfig of eksctl',
          seen: configFile,
          next: 'Use `sluice bootstrap -f FILE` for clusters of EKS Anywhere.',
        })
      }),
    )
}

import { SluiceError } from '../../base/errors/index.ts'
import { type BootstrapOptions, bootstrap } from './bootstrap.ts'
import { addClusterOptions, examples, outputOption, type RegisterCommand, timeoutOption } from './command.ts'
import { addForgeOptions } from './forge-options.ts'

interface EnableOptions extends Omit<BootstrapOptions, 'filename'> {
  readonly configFile: string
}

/** `sluice enable flux`: eksctl's command, for those whose fingers know it. */
export const registerEnable: RegisterCommand = (program, { io }) => {
  const enable = program.command('enable').description('Set up Git for an eksctl cluster, as `eksctl enable` does')
  addForgeOptions(addClusterOptions(enable.command('flux')))
    .description('Bring a ClusterConfig into the repository of its gitops.flux and make the cluster follow it')
    .requiredOption('-f, --config-file <file>', 'ClusterConfig; `-` reads standard input')
    .option('--dry-run', 'print the plan with every file and object, and change nothing')
    .option('-y, --yes', 'do not ask')
    .addOption(outputOption('json'))
    .addOption(timeoutOption('10m', 'how long to wait for Ready'))
    .addHelpText(
      'after',
      examples([
        ['sluice enable flux -f clusterconfig.yaml --dry-run', 'see every step first'],
        ['sluice enable flux -f clusterconfig.yaml', 'the same as sluice bootstrap -f clusterconfig.yaml'],
      ]),
    )
    .action(({ configFile, ...options }: EnableOptions) =>
      bootstrap({ ...options, filename: [configFile] }, io, fleet => {
        if (fleet.eksctl !== undefined) return
        throw new SluiceError('E_USAGE', {
          expected: 'a ClusterConfig of eksctl',
          seen: configFile,
          next: 'Use `sluice bootstrap -f FILE` for clusters of EKS Anywhere.',
        })
      }),
    )
}

import { SluiceError } from '../../base/errors/index.ts'
import type { Fleet } from '../../bootstrap/fleet-input.ts'
import type { CliIo } from '../io.ts'
import { addBootstrapOptions, type BootstrapOptions, bootstrapFleet } from './bootstrap-fleet.ts'
import { registerBootstrapProviders } from './bootstrap-providers.ts'
import { examples, type RegisterCommand } from './command.ts'
import { readSpecFiles } from './spec-files.ts'

export const registerBootstrap: RegisterCommand = (program, { io }) => {
  const command = addBootstrapOptions(program.command('bootstrap'))
    .description('Bring cluster specs into a Git repository and make the cluster follow it')
    .option('-f, --filename <file...>', 'spec files or folders of them; `-` reads standard input')
    .addHelpText(
      'after',
      examples([
        ['sluice bootstrap -f mgmt.yaml --dry-run', 'see every step first'],
        ['sluice bootstrap -f mgmt.yaml -f prod.yaml', 'a management cluster with a workload cluster'],
        ['sluice bootstrap -f clusterconfig.yaml', 'an eksctl cluster: gitops.flux says where to'],
        ['sluice bootstrap github --owner acme --repository fleet --path clusters/prod', 'any other cluster'],
        ['sluice bootstrap -f specs/ --token-file ~/github.env', 'all specs of a folder, token from a file'],
        ['sluice bootstrap -f mgmt.yaml --host gitlab.com', 'owner and repository of the spec, on GitLab'],
        ['sluice bootstrap -f mgmt.yaml --pull-request', 'through a pull request, also where a push would do'],
        ['sluice bootstrap -f mgmt.yaml --engine flux --flux-manifests flux.yaml', 'real Flux, out of a file'],
        [
          'sluice bootstrap -f mgmt.yaml --engine-place cluster --engine-image reg.example.com/sluice:0.1.0',
          'the engine in the cluster',
        ],
        ['sluice bootstrap -f mgmt.yaml --token-auth', 'keep the token in the cluster, in place of a deploy key'],
      ]),
    )
    .action((options: BootstrapOptions & { filename?: readonly string[] }) => bootstrapSpecs(options, io))
  registerBootstrapProviders(command, io)
}

/** `sluice bootstrap -f` and `sluice enable flux`. */
export async function bootstrapSpecs(
  options: BootstrapOptions & { readonly filename?: readonly string[] },
  io: CliIo,
  check: (fleet: Fleet) => void = () => {},
): Promise<void> {
  const { readFleetSpecs } = await import('../../bootstrap/index.ts')
  if (options.filename === undefined) {
    const expected = '-f FILE, or a provider: sluice bootstrap github --owner …'
    throw new SluiceError('E_USAGE', { object: 'sluice bootstrap', expected, seen: 'neither' })
  }
  const fleet = readFleetSpecs(await readSpecFiles(options.filename, io))
  check(fleet)
  await bootstrapFleet(fleet, options, io)
}

import { type Command, Option } from 'commander'
import { SluiceError } from '../../base/errors/index.ts'
import { type CliIo, print } from '../io.ts'
import { printData } from '../output/result.ts'
import { examples } from './command.ts'
import {
  addEngineSettingsOptions,
  type EngineSettingsOptions,
  engineSettingsOf,
  type SharedOptions,
} from './engine-place.ts'

interface ManifestsOptions extends EngineSettingsOptions, SharedOptions {
  readonly namespace: string
  readonly output: 'yaml' | 'json'
}

/** `sluice engine manifests`: prints what runs the engine in a cluster, and touches none. */
export function registerEngineManifests(engine: Command, io: CliIo): void {
  addEngineSettingsOptions(engine.command('manifests'))
    .description(
      'Print the manifests that run the engine in a cluster, as bootstrap --engine-place cluster commits them',
    )
    .option('-n, --namespace <name>', 'namespace of the engine', 'flux-system')
    .option('--image-pull-secret <name>', 'Secret of the namespace with which the image is pulled')
    .option('--network-policy <bool>', 'write a NetworkPolicy (default: true)')
    .option('--toleration-keys <list>', 'keys of taints that the engine tolerates')
    .option('--log-level <level>', 'debug, info or error (default: info)')
    .option('--cluster-domain <domain>', 'domain of the cluster (default: cluster.local)')
    .addOption(new Option('-o, --output <format>', 'form of the manifests').choices(['yaml', 'json']).default('yaml'))
    .addHelpText(
      'after',
      examples([
        [
          'sluice engine manifests --engine-image reg.example.com/sluice:0.1.0 | kubectl diff -f -',
          'what would change',
        ],
        ['sluice engine manifests --engine-image … --tenant-namespace team-a', 'with the right to act as its accounts'],
        ['sluice engine manifests --engine-image … --engine-rights cluster-admin -o json', 'as Flux has it'],
      ]),
    )
    .action((options: ManifestsOptions) => printManifests(options, io))
}

async function printManifests(options: ManifestsOptions, io: CliIo): Promise<void> {
  const { engineComponents, engineComponentsFile } = await import('../../layout/index.ts')
  const { embeddedComponents } = await import('../../bootstrap/desired-files.ts')
  const { image, ...settings } = engineSettingsOf(options)
  if (image === undefined) throw new SluiceError('E_ENGINE_IMAGE', { seen: 'no --engine-image' })
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(options.namespace)) {
    const seen = JSON.stringify(options.namespace)
    throw new SluiceError('E_USAGE', { object: '--namespace', expected: 'the name of a namespace', seen })
  }
  const wanted = { ...embeddedComponents(), ...settings, image, systemNamespace: options.namespace }
  if (options.output === 'yaml') return print(io, engineComponentsFile(wanted))
  printData(io, { apiVersion: 'v1', kind: 'List', items: engineComponents(wanted) }, 'json')
}

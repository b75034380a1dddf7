import { type Command, Option } from 'commander'
import { SluiceError } from '../../base/errors/index.ts'
import type { Fleet } from '../../bootstrap/fleet-input.ts'
import { type FluxFlag, fluxFlags, type GitProvider, gitProviders } from '../../specs/eksctl/flux-flags.ts'
import type { CliIo } from '../io.ts'
import { addBootstrapOptions, type BootstrapOptions, bootstrapFleet } from './bootstrap-fleet.ts'
import { examples } from './command.ts'
import { engineFlagNames } from './engine-options.ts'

/** What the words of help say of each flag; a flag without words is taken, and hidden. */
const meanings: Readonly<Record<string, string>> = {
  owner: 'user, organization or group that owns the repository',
  repository: 'name of the repository; it is made when it is not there',
  personal: 'the owner is the account of the token',
  private: 'make the repository private',
  visibility: 'who may see the repository when it is made',
  hostname: 'Git host, when it is not the public one',
  url: 'address of the repository',
  path: 'folder of the repository that the cluster follows',
  branch: 'branch that the cluster follows',
  namespace: "namespace of the engine's objects",
  interval: 'how often the repository is looked at',
  'author-name': 'name of the author of the commit, with --author-email',
  'author-email': 'mail address of the author of the commit',
  'commit-message-appendix': 'text at the end of the commit message',
  'allow-insecure-http': 'accept an address with http://',
}

/** Options of `sluice bootstrap` itself that are Flux's, too: they keep their meaning. */
const shared = new Set<string>([
  'kubeconfig',
  'context',
  'timeout',
  'token-auth',
  'ssh-key-algorithm',
  'ssh-rsa-bits',
  'ssh-ecdsa-curve',
  'ssh-hostname',
  'read-write-key',
  'ca-file',
  'username',
  ...engineFlagNames,
])

const examplesOf: Readonly<Record<GitProvider, readonly (readonly [string, string])[]>> = {
  github: [
    ['sluice bootstrap github --owner acme --repository fleet --path clusters/prod', 'token in $GITHUB_TOKEN'],
    ['sluice bootstrap github --owner me --personal --repository lab --dry-run', 'the plan alone'],
    ['sluice bootstrap github --owner acme --repository fleet --engine flux', 'real Flux as the engine'],
  ],
  gitlab: [['sluice bootstrap gitlab --owner acme/platform --repository fleet', 'token in $GITLAB_TOKEN']],
  gitea: [['sluice bootstrap gitea --hostname codeberg.org --owner acme --repository fleet', 'token in $GITEA_TOKEN']],
  'bitbucket-server': [
    ['sluice bootstrap bitbucket-server --hostname git.example.com --owner OPS --repository fleet', 'project OPS'],
  ],
  git: [
    [
      'sluice bootstrap git --url ssh://git@git.example.com/fleet.git --path clusters/prod',
      'key in $EKSA_GIT_PRIVATE_KEY',
    ],
  ],
}

/** `sluice bootstrap github|gitlab|…`: any cluster, with the flags that users of `flux bootstrap` know. */
export function registerBootstrapProviders(bootstrap: Command, io: CliIo): void {
  for (const provider of gitProviders) {
    const command = bootstrap
      .command(provider)
      .description(`Make any cluster follow a repository ${provider === 'git' ? 'by its address' : `on ${provider}`}`)
    for (const [name, flag] of Object.entries<FluxFlag>(fluxFlags)) {
      if (shared.has(name) || (flag.of && !flag.of.includes(provider))) continue
      const words = meanings[name]
      const option = new Option(`--${name} [value]`, describe(words ?? '', flag)).argParser((text: string) => text)
      command.addOption(words === undefined ? option.hideHelp() : option)
    }
    addBootstrapOptions(command)
      .addHelpText('after', examples(examplesOf[provider]))
      .action(async (options: BootstrapOptions & Readonly<Record<string, unknown>>) => {
        refuseMisplaced(bootstrap, provider)
        await refuseContradiction(provider, options)
        await bootstrapFleet(await fleetFrom(provider, flagsOf(options)), options, io)
      })
  }
}

/** An option before the provider would be read by `sluice bootstrap` and lost: a lost `--dry-run` writes. */
function refuseMisplaced(bootstrap: Command, provider: GitProvider): void {
  const early = bootstrap.options.filter(one => bootstrap.getOptionValueSource(one.attributeName()) === 'cli')
  if (early.length === 0) return
  throw new SluiceError('E_USAGE', {
    object: `sluice bootstrap ${provider}`,
    expected: `every option after the word ${provider}`,
    seen: `${early.map(one => one.long ?? one.flags).join(', ')} before it`,
  })
}

/** One host and one kind of host: what the command says is not overruled by another option or the environment. */
async function refuseContradiction(
  provider: GitProvider,
  { provider: other, host, hostname }: BootstrapOptions & Readonly<Record<string, unknown>>,
): Promise<void> {
  const { parseForgeKind } = await import('../../forges/index.ts')
  const refuse = (expected: string, seen: string): never => {
    throw new SluiceError('E_USAGE', { object: `sluice bootstrap ${provider}`, expected, seen })
  }
  if (other !== undefined && provider !== 'git' && parseForgeKind(other) !== provider)
    refuse(`no other --provider (or SLUICE_GIT_PROVIDER) than ${provider}`, other)
  if (host === undefined || typeof hostname !== 'string') return
  const { credentialHost } = await import('../../credentials/host.ts')
  if (credentialHost(host) !== credentialHost(hostname))
    refuse(`one host: --hostname, or --host (SLUICE_GIT_HOST)`, `${hostname} and ${host}`)
}

function describe(words: string, flag: FluxFlag): string {
  const values = flag.values ? ` (${flag.values.join(', ')})` : ''
  return `${words}${values}${flag.default === undefined || flag.default === '' ? '' : ` (default: ${flag.default})`}`
}

/** Options as Flux's flags in their text form: `--personal` alone is true, as pflag has it. */
function flagsOf(options: Readonly<Record<string, unknown>>): Record<string, string> {
  const flags: Record<string, string> = {}
  for (const name of Object.keys(fluxFlags)) {
    const value = options[name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())]
    if (!shared.has(name) && (typeof value === 'string' || value === true)) flags[name] = String(value)
  }
  return flags
}

async function fleetFrom(provider: GitProvider, flags: Readonly<Record<string, string>>): Promise<Fleet> {
  const { fleetFromFlags } = await import('../../bootstrap/index.ts')
  const { parseBootstrapFlags } = await import('../../specs/eksctl/bootstrap-options.ts')
  const { options, errors, warnings } = parseBootstrapFlags({ gitProvider: provider, flags })
  const flagOf = (field: string) => field.replace(/^gitops\.flux\.flags\./, '--')
  if (errors.length > 0) {
    throw new SluiceError('E_USAGE', {
      object: `sluice bootstrap ${provider}`,
      seen: errors.map(error => `${flagOf(error.field)}: ${error.detail}`).join('; '),
    })
  }
  const fleet = fleetFromFlags(options, options.path === '' ? options.namespace : options.path)
  // What eksctl makes of a text has no place on a command line.
  const said = warnings
    .filter(one => !one.message.includes('eksctl'))
    .map(one => `${flagOf(one.field)}: ${one.message}`)
  return { ...fleet, warnings: said }
}

import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { SluiceError } from '../../base/errors/index.ts'
import type { Fleet } from '../../bootstrap/fleet-input.ts'
import type { FluxInstall } from '../../bootstrap/types.ts'
import type { ManifestSource } from '../../flux/index.ts'
import { Secret } from '../../secrets/secret.ts'
import type { CliIo } from '../io.ts'

/** Real Flux: its manifests, and the flags of `flux install`, in their text form. */
export interface FluxInstallOptions {
  readonly fluxManifests?: string
  readonly fluxManifestsDigest?: string
  readonly fluxReleases?: string
  readonly components?: string
  readonly componentsExtra?: string
  readonly version?: string
  readonly registry?: string
  readonly registryCreds?: string
  readonly registryCredsFile?: string
  readonly imagePullSecret?: string
  readonly networkPolicy?: string
  readonly tolerationKeys?: string
  readonly watchAllNamespaces?: string
  readonly logLevel?: string
  readonly clusterDomain?: string
}

export interface EngineChoice extends FluxInstallOptions {
  readonly engine?: 'sluice' | 'flux'
}

/** Options of `flux install`, by their names here; all take texts, as pflag does. */
const flags = {
  components: '--components <list>',
  componentsExtra: '--components-extra <list>',
  version: '--version <version>',
  registry: '--registry <host/path>',
  imagePullSecret: '--image-pull-secret <name>',
  networkPolicy: '--network-policy [bool]',
  tolerationKeys: '--toleration-keys <list>',
  watchAllNamespaces: '--watch-all-namespaces [bool]',
  logLevel: '--log-level <level>',
  clusterDomain: '--cluster-domain <domain>',
} as const

const meanings: Readonly<Record<keyof typeof flags, string>> = {
  components: 'controllers of Flux (default: source-, kustomize-, helm- and notification-controller)',
  componentsExtra: 'more of them: image-reflector-controller, image-automation-controller, source-watcher',
  version: 'version of Flux, e.g. v2.9.4',
  registry: 'registry of the images (default: ghcr.io/fluxcd)',
  imagePullSecret: 'Secret with which images are pulled',
  networkPolicy: 'install NetworkPolicies (default: true)',
  tolerationKeys: 'keys of taints that the controllers tolerate',
  watchAllNamespaces: 'false: only objects of the namespace of Flux (default: true)',
  logLevel: 'debug, info or error (default: info)',
  clusterDomain: 'domain of the cluster (default: cluster.local)',
}

/** Flags of `flux bootstrap` that {@link addEngineOptions} defines. */
export const engineFlagNames: readonly string[] = [
  ...Object.values(flags).map(flag => /^--([a-z-]+)/.exec(flag)![1]!),
  'registry-creds',
]

/** `--engine` and everything that is about real Flux. */
export function addEngineOptions(command: Command): Command {
  return addFluxInstallOptions(
    command.addOption(
      new Option('--engine <name>', 'sluice, or flux: the real Flux in the cluster (default: sluice)').choices([
        'sluice',
        'flux',
      ]),
    ),
  )
}

export function addFluxInstallOptions(command: Command): Command {
  command
    .option(
      '--flux-manifests <source>',
      'with Flux: a file or https address with the output of `flux install --export`, `release`, or `cli` for the flux on PATH (default: release)',
    )
    .option('--flux-manifests-digest <digest>', 'sha256:… that the manifests must have; an address needs it')
    .option('--flux-releases <url>', "mirror of Flux's releases (default: those on github.com)")
  for (const [name, flag] of Object.entries(flags))
    command.addOption(
      new Option(flag, `with Flux: ${meanings[name as keyof typeof flags]}`)
        .argParser((text: string) => text)
        .preset('true'),
    )
  return command
    .option('--registry-creds-file <file>', 'with Flux: user:password for the registry, kept as --image-pull-secret')
    .addOption(new Option('--registry-creds <credential>').hideHelp())
}

/** Gets real Flux's manifests when it is the engine; refuses its options when it is not. */
export async function readEngineChoice(
  choice: EngineChoice,
  fleet: Fleet,
  io: CliIo,
): Promise<{ readonly flux?: FluxInstall; readonly warnings: readonly string[] }> {
  if (choice.engine === 'flux') return { flux: await readFluxInstall(choice, fleet, io), warnings: [] }
  refuseFluxOptions(choice, '--engine flux')
  const unused = Object.keys(fleet.fluxFlags ?? {})
  const warnings = unused.map(name => `gitops.flux.flags.${name}: it counts with --engine flux alone`)
  return { warnings }
}

/** @throws SluiceError E_USAGE when an option of Flux was given although Flux is not installed */
export function refuseFluxOptions(choice: FluxInstallOptions, needs: string): void {
  const names = ['fluxManifests', 'fluxManifestsDigest', 'fluxReleases', 'registryCredsFile', 'registryCreds']
  for (const name of [...names, ...Object.keys(flags)])
    if (choice[name as keyof FluxInstallOptions] !== undefined)
      throw new SluiceError('E_USAGE', {
        object: `--${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`,
        expected: needs,
        seen: 'the engine of Sluice',
      })
}

/** Flux as the options say, else as the spec does. Nothing is written. */
export async function readFluxInstall(
  choice: FluxInstallOptions,
  fleet: Pick<Fleet, 'namespace' | 'fluxFlags'>,
  io: CliIo,
): Promise<FluxInstall> {
  const { fluxDefaults, fluxOptionsOf, loadManifests, pullSecret } = await import('../../flux/index.ts')
  if (choice.registryCreds !== undefined)
    throw new SluiceError('E_FLUX_OPTION', {
      object: '--registry-creds',
      expected: '--registry-creds-file FILE',
      seen: 'a credential in an argument, which every process of the machine can read',
    })
  const said = Object.fromEntries(
    Object.entries(flags).flatMap(([name, flag]) => {
      const text = choice[name as keyof FluxInstallOptions]
      return text === undefined ? [] : [[/^--([a-z-]+)/.exec(flag)![1]!, text]]
    }),
  )
  const options = fluxOptionsOf({ ...fleet.fluxFlags, ...said })
  if (choice.registryCredsFile !== undefined && options.imagePullSecret === undefined)
    throw new SluiceError('E_FLUX_OPTION', {
      object: '--registry-creds-file',
      expected: '--image-pull-secret with it, as flux has it',
      seen: 'none',
    })
  const { namespace } = fleet
  const { env, signal } = io
  const loaded = await loadManifests({ source: sourceOf(choice, io), options, namespace, env, signal })
  const secret =
    choice.registryCredsFile === undefined || options.imagePullSecret === undefined
      ? undefined
      : pullSecret(await readCredential(resolve(io.cwd, choice.registryCredsFile)), {
          name: options.imagePullSecret,
          namespace,
          registry: options.registry ?? fluxDefaults.registry,
        })
  return { ...loaded, ...(secret && { pullSecret: secret }) }
}

function sourceOf(
  { fluxManifests, fluxManifestsDigest: digest, fluxReleases }: FluxInstallOptions,
  io: CliIo,
): ManifestSource {
  const refuse = (object: string, expected: string): never => {
    throw new SluiceError('E_USAGE', { object, expected, seen: `--flux-manifests ${fluxManifests ?? 'release'}` })
  }
  const source = fluxManifests ?? 'release'
  if (fluxReleases !== undefined && source !== 'release') refuse('--flux-releases', '--flux-manifests release')
  if (source === 'release') return { from: 'release', digest, releases: fluxReleases }
  if (source === 'cli') {
    if (digest !== undefined) refuse('--flux-manifests-digest', 'a file, an address or the release')
    return { from: 'cli' }
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(source)) return { from: 'url', url: source, digest }
  return { from: 'file', path: resolve(io.cwd, source), digest }
}

async function readCredential(path: string): Promise<Secret> {
  try {
    const { size } = await stat(path)
    if (size > 16 * 1024)
      throw new SluiceError('E_FLUX_OPTION', {
        object: path,
        expected: 'one line user:password',
        seen: 'a longer file',
      })
    return Secret.of((await readFile(path, 'utf8')).trim())
  } catch (error) {
    if (error instanceof SluiceError) throw error
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    throw new SluiceError('E_FILE_READ', { object: path, seen: code, cause: error })
  }
}

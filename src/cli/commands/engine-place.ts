import { type Command, InvalidArgumentError, Option } from 'commander'
import { SluiceError } from '../../base/errors/index.ts'
import type { EnginePlace } from '../../bootstrap/types.ts'
import { isImageReference } from '../../layout/image-reference.ts'
import type { EngineSettings } from '../../layout/index.ts'
import { collect, integerArgument } from './command.ts'
import type { EngineChoice } from './engine-options.ts'

/** How Sluice's engine runs in a cluster, as options say it. */
export interface EngineSettingsOptions {
  readonly engineImage?: string
  readonly engineReplicas?: number
  readonly engineRights?: 'fleet' | 'cluster-admin'
  readonly tenantNamespace: string[]
  readonly engineDataSize?: string
  readonly engineStorageClass?: string
}

export interface EnginePlaceOptions extends EngineSettingsOptions {
  readonly enginePlace?: 'process' | 'cluster'
}

/** `--engine-place`, and what is chosen for an engine in the cluster. */
export function addEnginePlaceOptions(command: Command): Command {
  return addEngineSettingsOptions(
    command.addOption(
      new Option(
        '--engine-place <place>',
        "where Sluice's engine runs: in a process of yours, or in the cluster (default: as Git has it, else process)",
      ).choices(['process', 'cluster']),
    ),
  )
}

/** What is chosen for an engine in the cluster. */
export function addEngineSettingsOptions(command: Command): Command {
  return command
    .option('--engine-image <image>', 'image of the engine, best with a digest', imageArgument)
    .option('--engine-replicas <n>', 'one acts, the others take over (default: 2)', replicasArgument)
    .addOption(
      new Option(
        '--engine-rights <rights>',
        'what the engine may change: what bootstrap commits (fleet), or everything (default: fleet)',
      ).choices(['fleet', 'cluster-admin']),
    )
    .option(
      '--tenant-namespace <name>',
      "namespace whose service accounts the engine may act as; may be repeated; 'all' for every one",
      collect,
      [],
    )
    .option('--engine-data-size <quantity>', 'space for mirrors and artifacts (default: 2Gi)', quantityArgument)
    .option('--engine-storage-class <name>', 'class of a volume for them (default: the disk of the node)', nameArgument)
}

/** Flags of `flux install` that mean the same for our engine in the cluster. */
const sharedFlags = ['imagePullSecret', 'networkPolicy', 'tolerationKeys', 'logLevel', 'clusterDomain'] as const
export type SharedFlag = (typeof sharedFlags)[number]
export type SharedOptions = Readonly<Partial<Record<SharedFlag, string>>>

/**
 * What the options say of the engine's place, and the options without those that are settled by it.
 *
 * @throws SluiceError E_USAGE for options that contradict each other
 */
export function readEnginePlace<T extends EngineChoice & EnginePlaceOptions>(
  options: T,
): { readonly place: EnginePlace | undefined; readonly rest: T } {
  const { engine = 'sluice', enginePlace } = options
  if (engine === 'flux') {
    const own = Object.keys(engineSettingsOf({ ...options, ...withoutShared }))
    if (enginePlace !== undefined || own.length > 0)
      refuse(
        enginePlace === undefined ? `the ${own[0]} of Sluice's engine` : '--engine-place',
        '--engine sluice',
        '--engine flux',
      )
    return { place: undefined, rest: options }
  }
  const settings = engineSettingsOf(options)
  const given = Object.keys(settings)
  if (enginePlace === 'process') {
    if (given.length > 0) refuse(`the engine's ${given[0]}`, '--engine-place cluster', '--engine-place process')
    return { place: { in: 'process' }, rest: options }
  }
  // An image alone, or any other choice, is about an engine in the cluster: it stands in Git, or is wanted now.
  if (enginePlace === undefined) {
    const own = Object.keys(engineSettingsOf({ ...options, ...withoutShared }))
    if (own.length === 0) return { place: undefined, rest: options }
  }
  return { place: { in: 'cluster', settings }, rest: { ...options, ...withoutShared } }
}

const withoutShared = Object.fromEntries(sharedFlags.map(name => [name, undefined])) as Record<SharedFlag, undefined>

/** The settings that the options give; nothing for those that they leave out. */
export function engineSettingsOf(options: EngineSettingsOptions & SharedOptions): Partial<EngineSettings> {
  const { tenantNamespace: tenants, networkPolicy, logLevel } = options
  const entries: [keyof EngineSettings, unknown][] = [
    ['image', options.engineImage],
    ['imagePullSecret', options.imagePullSecret],
    ['replicas', options.engineReplicas],
    ['rights', options.engineRights],
    ['tenantNamespaces', tenants.length === 0 ? undefined : tenants.includes('all') ? 'all' : tenants.map(checkName)],
    ['networkPolicy', networkPolicy === undefined ? undefined : boolOf('--network-policy', networkPolicy)],
    ['tolerationKeys', options.tolerationKeys?.split(',').map(key => key.trim())],
    ['clusterDomain', options.clusterDomain],
    ['logLevel', logLevel === undefined ? undefined : levelOf(logLevel)],
    ['dataSize', options.engineDataSize],
    ['dataStorageClass', options.engineStorageClass],
  ]
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}

function levelOf(text: string): string {
  if (text === 'debug' || text === 'info' || text === 'error') return text
  return refuse('--log-level', 'debug, info or error', text)
}

function boolOf(option: string, text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  return refuse(option, 'true or false', text)
}

function checkName(text: string): string {
  if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)) return text
  return refuse('--tenant-namespace', 'the name of a namespace', JSON.stringify(text))
}

function refuse(object: string, expected: string, seen: string): never {
  throw new SluiceError('E_USAGE', { object, expected, seen })
}

function imageArgument(text: string): string {
  if (isImageReference(text)) return text
  throw new InvalidArgumentError('Expected an image such as registry.example.com/sluice:0.1.0@sha256:….')
}

function replicasArgument(text: string): number {
  const count = integerArgument(text)
  if (count < 1 || count > 9) throw new InvalidArgumentError('Expected 1 to 9.')
  return count
}

function quantityArgument(text: string): string {
  if (/^[1-9][0-9]{0,11}(?:[KMGT]i?)?$/.test(text)) return text
  throw new InvalidArgumentError('Expected a size such as 2Gi.')
}

function nameArgument(text: string): string {
  if (/^[a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?$/.test(text)) return text
  throw new InvalidArgumentError('Expected the name of a StorageClass.')
}

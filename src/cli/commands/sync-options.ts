import { type Command, InvalidArgumentError, Option } from 'commander'
import { SluiceError } from '../../base/errors/index.ts'
import type { Fleet } from '../../bootstrap/fleet-input.ts'
import type { SyncCredential } from '../../bootstrap/sync-credential.ts'
import type { Forge } from '../../forges/types.ts'
import { type KeyChoice, sshCurves, sshKeyAlgorithms } from '../../git/make-key.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import { type CliIo, note } from '../io.ts'
import { integerArgument } from './command.ts'
import { storeOf } from './credential-sources.ts'
import { confirmHostKeys, sshPlace } from './host-keys.ts'

/** How the cluster shall fetch; Flux's names. */
export interface SyncOptions {
  readonly tokenAuth?: boolean
  readonly sshKeyAlgorithm: NonNullable<KeyChoice['algorithm']>
  readonly sshEcdsaCurve: NonNullable<KeyChoice['curve']>
  readonly sshRsaBits: number
  readonly sshHostname?: string
  readonly readWriteKey?: boolean
  readonly acceptHostKey?: string
  readonly keyFile?: string
  readonly data: string
}

/** Flux's options for the credential of the cluster, with Flux's defaults. */
export function addSyncOptions(command: Command): Command {
  return addKeyOptions(
    command.option(
      '--token-auth [bool]',
      'keep the token itself in the cluster, in place of a deploy key (default: a deploy key where the host has them)',
      boolArgument,
    ),
  ).option('--ssh-hostname <host>', 'SSH host and port, when they are not the ones of the repository')
}

/** What key is made, and how its server is known. */
export function addKeyOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--ssh-key-algorithm <name>', 'algorithm of the deploy key')
        .choices(sshKeyAlgorithms)
        .default('ecdsa'),
    )
    .addOption(new Option('--ssh-ecdsa-curve <name>', 'curve of an ecdsa key').choices(sshCurves).default('p384'))
    .option('--ssh-rsa-bits <bits>', 'size of an rsa key', integerArgument, 2048)
    .option('--read-write-key', 'let the deploy key push too (default: it only fetches)')
}

/** The flags' choice of key. */
export function keyChoice(options: Pick<SyncOptions, 'sshKeyAlgorithm' | 'sshEcdsaCurve' | 'sshRsaBits'>): KeyChoice {
  return { algorithm: options.sshKeyAlgorithm, curve: options.sshEcdsaCurve, rsaBits: options.sshRsaBits }
}

/**
 * With what the cluster shall fetch: as the flags say, else as it does now, else with a deploy key where the host has
 * them and is not this machine. The SSH host keys are confirmed first; nothing else is written.
 */
export async function chooseSync(
  options: SyncOptions,
  { forge, fleet, client, dryRun }: { forge: Forge; fleet: Fleet; client: KubeClient; dryRun: boolean },
  io: CliIo,
): Promise<SyncCredential> {
  const remote = forge.remote(fleet.owner, fleet.repository)
  const hasKeys = forge.capabilities.deployKeys !== 'none'
  const { usesDeployKey } = await import('../../bootstrap/index.ts')
  const wantsKey =
    options.tokenAuth === undefined ? await usesDeployKey({ forge, fleet, client }, io.signal) : !options.tokenAuth
  if (!wantsKey) return { credential: 'token' }
  if (!hasKeys) {
    throw new SluiceError('E_FORGE_NOT_SUPPORTED', {
      object: forge.host,
      expected: 'to add a deploy key',
      seen: 'nothing in its API for that',
      next: 'Use --token-auth: the token itself is kept in the cluster then.',
    })
  }
  const { sshAddress } = await import('../../credentials/ssh-address.ts')
  const url = sshAddress(forge.kind, remote.url, options.sshHostname)
  return {
    credential: 'deploy-key',
    url,
    knownHosts: await knownHostsFor(url, options, io, !dryRun).catch(async error => {
      const { orByHttps } = await import('../../bootstrap/sync-credential.ts')
      throw orByHttps(error)
    }),
    key: keyChoice(options),
    readWrite: options.readWriteKey === true,
  }
}

/** Confirmed lines for the host of an ssh address; with `ask`, a host that nobody confirmed yet is confirmed now. */
export async function knownHostsFor(
  url: string,
  options: Pick<SyncOptions, 'acceptHostKey' | 'keyFile' | 'data'>,
  io: CliIo,
  ask: boolean,
): Promise<string> {
  const { findKnownHosts } = await import('../../credentials/resolve-ssh.ts')
  const { keysFor, knownHostLine, knownHostName } = await import('../../git/known-hosts.ts')
  const { place } = await storeOf(options, io)
  const at = sshPlace(url)
  const find = () => findKnownHosts(at, { env: io.env, cwd: io.cwd, knownHostsFile: place.knownHosts })
  let found = await find()
  if (ask && found.lines === '') {
    const accept = options.acceptHostKey
    await confirmHostKeys(
      url,
      { knownHostsFile: place.knownHosts, ...(accept === undefined ? {} : { acceptHostKey: accept }) },
      io,
    )
    found = await find()
  }
  for (const said of found.notes) note(io, `${io.err.attention('warning')} ${said}`)
  const name = knownHostName(at.host, at.port)
  // The cluster gets the lines of this host alone.
  return keysFor(found.lines, name)
    .map(key => `${knownHostLine(name, key)}\n`)
    .join('')
}

function boolArgument(text: string | true): boolean {
  if (text === true || text === 'true') return true
  if (text === 'false') return false
  throw new InvalidArgumentError('Expected true or false.')
}

import { SluiceError } from '../../base/errors/index.ts'
import { type Fleet, fleetOn, readFleetSpecs } from '../../bootstrap/index.ts'
import type { Connection } from '../../connections/index.ts'
import { credentialHost } from '../../credentials/host.ts'
import { fleetRepository } from '../../fleet/repository-remote.ts'
import { gitAddress, namesIn } from '../../forges/index.ts'
import type { Forge } from '../../forges/types.ts'
import { normalizeRepositoryPath } from '../../specs/git-names.ts'
import type { FleetAddWish } from '../contract/fleet-add.ts'

/** The fleet that a wish means, at the place that a connection reaches. Fails as reading the specs does, and with E_FLEET_OTHER_HOST. */
export function fleetOf(wish: FleetAddWish, connection: Connection, forge: Forge): Fleet {
  if (wish.what === 'specs') return specFleet(readSpecs(wish), connection, forge)
  const { owner, name } = repositoryOf(wish, connection, forge)
  return {
    owner,
    personal: owner === connection.settings.owner && connection.settings.personal,
    repository: name,
    ...(connection.kind === 'git' ? { git: { url: gitAddress(connection.host).href } } : {}),
    branch: branchOf(wish, connection),
    path: wish.path.trim() === '' ? `clusters/${wish.name.trim()}` : normalizeRepositoryPath(wish.path.trim()) || '.',
    namespace: 'flux-system',
    management: wish.name.trim(),
    clusters: [],
    warnings: [],
    private: connection.settings.visibility !== 'public',
  }
}

export function readSpecs({ files, engine }: Pick<FleetAddWish, 'files' | 'engine'>): Fleet {
  const fleet = readFleetSpecs(files.map(({ name, text }) => ({ path: name, text })))
  const unused = engine === 'flux' ? [] : Object.keys(fleet.fluxFlags ?? {})
  const warnings = unused.map(flag => `gitops.flux.flags.${flag}: it counts with real Flux as the engine alone`)
  return { ...fleet, warnings: [...fleet.warnings, ...warnings] }
}

/** Owner and name of the repository: as asked for, else as the connection has it. Fails with E_USAGE. */
export function repositoryOf(
  { repository }: Pick<FleetAddWish, 'repository'>,
  { kind, host, settings }: Connection,
  forge: Forge,
): { readonly owner: string; readonly name: string } {
  if (kind === 'git') return forge.namesOf(gitAddress(host))
  const text = repository.trim()
  if (text === '') return { owner: settings.owner, name: settings.repository }
  const names = namesIn({ path: text })
  if (names.name !== '' && names.owner !== '') return names
  throw new SluiceError('E_USAGE', { object: 'the repository', expected: 'owner/name', seen: JSON.stringify(text) })
}

export function branchOf({ branch }: Pick<FleetAddWish, 'branch'>, { settings }: Connection): string {
  return branch.trim() === '' ? settings.branch : branch.trim()
}

/** Specs that name a host, or an address, have to mean the connection's: its credential goes nowhere else. */
function specFleet(specs: Fleet, connection: Connection, forge: Forge): Fleet {
  const { host, provider, git } = specs
  const refuse = (seen: string): never => {
    throw new SluiceError('E_FLEET_OTHER_HOST', {
      object: `connection ${connection.name}`,
      expected: `specs for ${connection.kind} on ${connection.host}`,
      seen,
      next: 'Choose the connection to the host that the specs name, or change the specs.',
    })
  }
  if (git) requireHost(forge, git.url, () => refuse(`the repository ${git.url}`))
  else if (connection.kind === 'git') refuse(`${specs.owner}/${specs.repository}, and no address of a repository`)
  if (host !== undefined && credentialHost(host) !== credentialHost(connection.host)) refuse(`the host ${host}`)
  if (provider !== undefined && provider !== 'git' && provider !== connection.kind) refuse(`the provider ${provider}`)
  const fleet = fleetOn(specs, forge)
  if (git && connection.kind === 'git' && forge.remote(fleet.owner, fleet.repository).url !== git.url)
    refuse(`the repository ${git.url}`)
  return fleet
}

function requireHost(forge: Forge, url: string, refuse: () => never): void {
  try {
    fleetRepository(forge, url)
  } catch (error) {
    if (error instanceof SluiceError && error.code === 'E_FLEET_OTHER_HOST') refuse()
    throw error
  }
}

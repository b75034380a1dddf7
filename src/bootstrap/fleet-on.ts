import { gitAddress } from '../forges/index.ts'
import type { Forge } from '../forges/types.ts'
import type { Fleet } from './fleet-input.ts'

/** A fleet whose spec gives an address, with the owner and name that the host's own rules read from it. */
export function fleetOn(fleet: Fleet, forge: Forge): Fleet {
  if (!fleet.git) return fleet
  const { owner, name } = forge.namesOf(gitAddress(fleet.git.url))
  return { ...fleet, owner, repository: name }
}

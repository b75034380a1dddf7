import { valueAt } from '../base/json.ts'
import type { Forge } from '../forges/types.ts'
import type { KubeClient } from '../kube/client/types.ts'
import type { Fleet } from './fleet-input.ts'

const sourceKind = { group: 'source.toolkit.fluxcd.io', version: 'v1', kind: 'GitRepository' } as const

/** The address that the cluster follows the fleet's repository by; undefined while it follows none. */
export async function followedUrl(
  client: KubeClient,
  { namespace }: Pick<Fleet, 'namespace'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const live = await client.find({ ...sourceKind, namespace, name: namespace }, { signal })
  const url = valueAt(live, ['spec', 'url'])
  return typeof url === 'string' ? url : undefined
}

/**
 * Whether a cluster shall fetch with a deploy key, where nobody says: as it does now, else where the host has them and is
 * not this machine.
 */
export async function usesDeployKey(
  { forge, fleet, client }: { readonly forge: Forge; readonly fleet: Fleet; readonly client: KubeClient },
  signal: AbortSignal,
): Promise<boolean> {
  const { url } = forge.remote(fleet.owner, fleet.repository)
  // A server that is reached over SSH anyhow, and has no API: the key that was given is the cluster's too.
  if (url.startsWith('ssh://')) return false
  const live = await followedUrl(client, fleet, signal)
  if (live !== undefined) return live.startsWith('ssh://')
  return forge.capabilities.deployKeys !== 'none' && url.startsWith('https://')
}

import type { Forge } from '../../forges/types.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import type { CliIo } from '../io.ts'
import { type ForgeOptions, openForge } from './forge-options.ts'

/** Opens the Git host of the repository that a cluster follows. The cluster says where that is; a token does not follow it anywhere. */
export async function openFleetForge(options: ForgeOptions, client: KubeClient, io: CliIo): Promise<Forge> {
  const { findFleetSync } = await import('../../fleet/find-sync.ts')
  const { url } = await findFleetSync(client, io.signal)
  return await openForge(options, io, { url, by: 'cluster' })
}

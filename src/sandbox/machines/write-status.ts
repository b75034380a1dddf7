import { jsonEqual } from '../../base/json.ts'
import { isNotFound } from '../../kube/client/index.ts'
import { type ClusterKey, clusterRef, fieldManager, type Machinery } from './machinery.ts'
import { clusterStatus, type StatusInput } from './status.ts'

/** Writes a cluster's status when it differs from what stands there. */
export async function writeStatus(
  machinery: Machinery,
  key: ClusterKey,
  input: Omit<StatusInput, 'nodes' | 'now'>,
): Promise<void> {
  const status = clusterStatus({ ...input, nodes: machinery.nodesOf(key), now: machinery.clock.now() })
  const before = (input.cluster.status ?? {}) as Record<string, unknown>
  // Only the fields of this controller are compared and taken away; others stay.
  const gone = ['failureReason', 'failureMessage'].filter(name => name in before && !(name in status))
  if (gone.length === 0 && jsonEqual({ ...before, ...status }, before)) return
  const patch = { status: { ...status, ...Object.fromEntries(gone.map(name => [name, null])) } }
  try {
    await machinery.client.patch(clusterRef(key), 'merge', patch, { subresource: 'status', fieldManager })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}

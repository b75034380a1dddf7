import { valueAt } from '../base/json.ts'
import type { KubeClient } from '../kube/client/types.ts'
import type { FluxKind } from './flux-kinds.ts'

/** What to suspend or resume. */
export interface SuspendRequest {
  readonly client: KubeClient
  readonly kind: FluxKind
  readonly namespace: string
  readonly name: string
  readonly suspend: boolean
  readonly signal?: AbortSignal
}

/** Sets `spec.suspend`, as `flux suspend` and `flux resume` do. Resolves with false when it was so already. */
export async function setSuspended({
  client,
  kind,
  namespace,
  name,
  suspend,
  signal,
}: SuspendRequest): Promise<boolean> {
  const ref = { ...kind, namespace, name }
  const options = signal ? { signal } : {}
  const now = await client.get(ref, options)
  if ((valueAt(now, ['spec', 'suspend']) === true) === suspend) return false
  await client.patch(ref, 'merge', { spec: { suspend: suspend ? true : null } }, { ...options, fieldManager: 'sluice' })
  return true
}

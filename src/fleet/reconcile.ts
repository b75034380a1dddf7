import { SluiceError } from '../base/errors/index.ts'
import { valueAt } from '../base/json.ts'
import type { KubeClient } from '../kube/client/types.ts'
import { conditionOf } from '../kube/condition.ts'
import type { KubeObject } from '../kube/object.ts'
import { WatchCache } from '../kube/watch/index.ts'
import type { FluxKind } from './flux-kinds.ts'
import { sourceRefOf } from './source-ref.ts'

/** Annotation of Flux by which a reconcile is asked for; its value is an opaque token. */
export const requestedAtAnnotation = 'reconcile.fluxcd.io/requestedAt'

/** What to reconcile, and for how long to wait. */
export interface ReconcileRequest {
  readonly client: KubeClient
  readonly kind: FluxKind
  readonly namespace: string
  readonly name: string
  /** Reconcile the GitRepository of a Kustomization first. */
  readonly withSource: boolean
  readonly timeoutMs: number
  readonly signal: AbortSignal
  readonly onProgress?: (text: string) => void
}

export interface ReconcileOutcome {
  readonly object: string
  readonly message: string
}

/**
 * Annotates an object as `flux reconcile` does and waits until the engine has handled exactly this request and the object
 * is Ready for its current generation.
 *
 * @throws E_RECONCILE_FAILED, E_RECONCILE_SUSPENDED, E_TIMEOUT
 */
export async function reconcileNow(request: ReconcileRequest): Promise<ReconcileOutcome> {
  const { client, kind, namespace, name, signal } = request
  const object = `${kind.kind}/${namespace}/${name}`
  const live = await client.get({ ...kind, namespace, name }, { signal })
  if (valueAt(live, ['spec', 'suspend']) === true) throw new SluiceError('E_RECONCILE_SUSPENDED', { object })
  const source = request.withSource ? sourceRefOf(live) : undefined
  if (source) await reconcileNow({ ...request, ...source, kind: source, withSource: false })
  const token = new Date().toISOString()
  request.onProgress?.(`asking for a reconcile of ${object}`)
  const patch = { metadata: { annotations: { [requestedAtAnnotation]: token } } }
  await client.patch({ ...kind, namespace, name }, 'merge', patch, { signal, fieldManager: 'sluice' })
  const done = await waitHandled(request, object, token)
  const ready = conditionOf(done, 'Ready')
  if (ready?.status !== 'True') {
    throw new SluiceError('E_RECONCILE_FAILED', {
      object,
      seen: `${ready?.reason ?? 'no reason'}: ${ready?.message ?? 'no message'}`,
    })
  }
  return { object, message: ready.message ?? 'Ready' }
}

async function waitHandled(request: ReconcileRequest, object: string, token: string): Promise<KubeObject> {
  const { client, kind, namespace, name } = request
  const deadline = AbortSignal.timeout(request.timeoutMs)
  const cache = new WatchCache(client)
  try {
    return await cache.waitFor(
      { ...kind, namespace, name },
      (now): now is KubeObject => {
        const handled = valueAt(now, ['status', 'lastHandledReconcileAt']) === token
        const status = conditionOf(now, 'Ready')?.status
        return handled && (status === 'True' || status === 'False')
      },
      AbortSignal.any([request.signal, deadline]),
    )
  } catch (error) {
    if (request.signal.aborted || !deadline.aborted) throw error
    throw new SluiceError('E_TIMEOUT', {
      object,
      expected: `the engine to handle the request within ${request.timeoutMs / 1000} s`,
      next: 'Check that an engine runs on this cluster (`sluice up`, `sluice engine --kubeconfig FILE`, or Flux), then try again.',
      cause: error,
    })
  } finally {
    cache.stop()
  }
}

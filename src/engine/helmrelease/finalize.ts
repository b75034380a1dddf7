import { backoffDelay } from '../../base/backoff.ts'
import type { HelmRelease } from '../../specs/flux/helm-release.ts'
import { finalizer } from '../contract.ts'
import { asStepFailure } from '../failure.ts'
import type { WorkContext, WorkResult } from '../queue/work-queue.ts'
import { removeFinalizer } from '../status/finalizers.ts'
import { uninstall } from './actions/uninstall.ts'
import { Attempt } from './attempt.ts'
import { deleteHelmChart } from './chart/template.ts'
import type { HelmReleaseContext, HelmReleaseReason } from './context.ts'
import { helmManager } from './contract.ts'
import { identityOf } from './identity.ts'
import type { Memory } from './memory.ts'

/**
 * Uninstalls a release whose object is deleted, and deletes its HelmChart; a suspended one leaves both. Without the
 * service account or the kubeconfig to do it with it cannot be done and is left, so that a namespace can go.
 */
export async function finalizeHelmRelease(
  context: HelmReleaseContext,
  object: HelmRelease,
  memory: Memory,
  work: WorkContext<HelmReleaseReason>,
): Promise<WorkResult> {
  const { client } = context.engine
  if (!object.metadata.finalizers?.includes(finalizer)) return {}
  if (!object.spec.suspend) {
    const attempt = new Attempt(context, object, memory, work)
    try {
      await release(attempt)
      await deleteHelmChart(attempt)
    } catch (error) {
      work.closing.throwIfAborted()
      const failure = asStepFailure(error, 'UninstallFailed')
      attempt.conditions.set('Ready', 'False', failure.reason, failure.message)
      await attempt.write()
      return { requeueAfterMs: backoffDelay(++memory.failures, { baseMs: 750, maxMs: 900_000 }) }
    }
  }
  await removeFinalizer(client, object, finalizer, helmManager)
  return {}
}

async function release(attempt: Attempt): Promise<void> {
  const { context, object, status, work } = attempt
  if (!status.storageNamespace || attempt.latest === undefined) return
  const { namespace = '' } = object.metadata
  const { kubeConfig, serviceAccountName } = object.spec
  const { engine } = context
  if (kubeConfig?.secretRef !== undefined) {
    if ((await engine.readSecret(namespace, kubeConfig.secretRef.name)) === undefined) return
  } else {
    const user = engine.tenancy.userOf(object, serviceAccountName)
    const name = user?.split(':').at(-1)
    const account = { group: '', version: 'v1', kind: 'ServiceAccount', namespace, name: name ?? '' }
    if (name && (await engine.client.find(account, { signal: work.signal })) === undefined) return
  }
  const identity = await identityOf(context, object)
  try {
    await uninstall(attempt, identity.client)
  } finally {
    await identity.close()
  }
}

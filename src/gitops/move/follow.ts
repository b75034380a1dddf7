import { SluiceError } from '../../base/errors/index.ts'
import { valueAt } from '../../base/json.ts'
import { askReconcile } from '../../fleet/ask-reconcile.ts'
import { gitRepositoryKind, kustomizationKind } from '../../fleet/read-fleet.ts'
import { conditionOf } from '../../kube/condition.ts'
import type { KubeObject } from '../../kube/object.ts'
import { createInformer, until } from '../../kube/watch/index.ts'
import { foundIn } from './found.ts'
import { differences, type Place, placeOf } from './place.ts'
import type { MoveContext, MoveState } from './types.ts'

/** How often the engine is asked to look, while the cluster does not follow yet. */
const askEveryMs = 5000

/** What is still awaited until a cluster follows a place, in a phrase; undefined when it does. */
export async function awaitedNow({ client, signal }: MoveContext, state: MoveState, place: Place) {
  const { sync } = foundIn(state)
  const [source, kustomization] = await Promise.all([
    client.find({ ...gitRepositoryKind, namespace: sync.namespace, name: sync.sourceName }, { signal }),
    client.find({ ...kustomizationKind, namespace: sync.namespace, name: sync.kustomizationName }, { signal }),
  ])
  return awaited(source, kustomization, place, state.commit)
}

/**
 * Waits until the cluster's objects say the place, and a revision of it is applied. `again` is called while they say
 * something else: where the objects were changed by hand, an engine that worked on the old revision may have set them back.
 */
export async function followTo(
  context: MoveContext,
  state: MoveState,
  place: Place,
  again: () => Promise<void> = async () => {},
): Promise<void> {
  const { client, clock, logger, signal, timeoutMs, onEvent } = context
  const { sync } = foundIn(state)
  const sources = createInformer(client, gitRepositoryKind, {}, { clock, logger })
  const kustomizations = createInformer(client, kustomizationKind, {}, { clock, logger })
  const all = [sources, kustomizations]
  const now = () =>
    awaited(
      sources.get(sync.namespace, sync.sourceName),
      kustomizations.get(sync.namespace, sync.kustomizationName),
      place,
      state.commit,
    )
  const stop = new AbortController()
  const ask = (async () => {
    while (!stop.signal.aborted) {
      await askReconcile(client, sync, signal)
      await clock.sleep(askEveryMs, AbortSignal.any([stop.signal, signal]))
      if (now()?.startsWith('the cluster to look')) await again()
    }
  })().catch(() => {})
  let said: string | undefined
  try {
    await Promise.all(all.map(informer => informer.synced))
    const look = (): true | undefined => {
      const waiting = now()
      if (waiting === undefined) return true
      if (waiting !== said) onEvent?.({ type: 'step-progress', text: `waiting for ${waiting}` })
      said = waiting
      return undefined
    }
    const onTimeout = () =>
      new SluiceError('E_GITOPS_NOT_FOLLOWED', { seen: `still waiting for ${now() ?? 'nothing'}` })
    await until(all, look, { signal, timeoutMs, onTimeout })
  } finally {
    stop.abort()
    for (const informer of all) informer.stop()
    await ask
  }
}

function awaited(
  source: KubeObject | undefined,
  kustomization: KubeObject | undefined,
  place: Place,
  commit: string | undefined,
): string | undefined {
  if (!source || !kustomization) return 'the two objects that follow Git'
  const wrong = differences(placeOf(source, kustomization), place)
  if (wrong.length > 0) return `the cluster to look at the new place (${wrong.join('; ')})${said(source)}`
  const revision = valueAt(source, ['status', 'artifact', 'revision'])
  if (!isCurrent(source)) return `the source to fetch ${commit?.slice(0, 7) ?? 'it'}${said(source)}`
  // A revision of the old branch is none of the new one, though it be Ready.
  if (typeof revision !== 'string' || !revision.startsWith(`${place.branch}@`))
    return 'the source to fetch the new branch'
  const applied = valueAt(kustomization, ['status', 'lastAppliedRevision'])
  if (applied !== revision || !isCurrent(kustomization))
    return `the Kustomization to apply ${revision}${said(kustomization)}`
  return undefined
}

function isCurrent(object: KubeObject): boolean {
  const current = valueAt(object, ['status', 'observedGeneration']) === object.metadata.generation
  return current && conditionOf(object, 'Ready')?.status === 'True'
}

function said(object: KubeObject): string {
  const ready = conditionOf(object, 'Ready')
  return ready && ready.status !== 'True' && ready.message ? ` (${ready.message})` : ''
}

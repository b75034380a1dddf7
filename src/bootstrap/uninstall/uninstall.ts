import type { Clock } from '../../base/clock.ts'
import { SluiceError } from '../../base/errors/index.ts'
import { type Logger, silentLogger } from '../../base/log.ts'
import { isConflict, isNotFound } from '../../kube/client/status.ts'
import { formatRef, refOf } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import { WatchCache } from '../../kube/watch/index.ts'
import type { EffectSeam } from '../types.ts'
import { finalizer, type Installed, inspectInstalled, oursSelector, type UninstallOptions } from './inspect.ts'
import { withEngineLeases } from './leases.ts'

export interface UninstallRequest extends UninstallOptions {
  readonly clock: Clock
  readonly logger?: Logger
  /** How long each step may take, in milliseconds. */
  readonly timeoutMs: number
  readonly onStep?: (title: string) => void
  readonly effect?: EffectSeam
}

/** One step of an uninstall: what it is about, as data. */
export interface UninstallStep {
  readonly id: 'engine' | 'finalizers' | 'definitions' | 'parts' | 'namespace'
  readonly title: string
  readonly objects: readonly string[]
}

/** What an uninstall would do. */
export function uninstallSteps(found: Installed): UninstallStep[] {
  const names = (objects: readonly KubeObject[]) => objects.map(object => formatRef(refOf(object)))
  const steps: UninstallStep[] = [
    { id: 'engine', title: 'stop the engine in the cluster', objects: names(found.deployments) },
    { id: 'finalizers', title: 'let go of what was reconciled: it stays', objects: names(found.held) },
    {
      id: 'definitions',
      title: "delete Flux's kinds and all their objects",
      objects: names([...found.objects, ...found.definitions]),
    },
    { id: 'parts', title: "delete the engine's rights and services", objects: names(found.parts) },
    { id: 'namespace', title: 'delete the namespace', objects: found.namespace ? names([found.namespace]) : [] },
  ]
  return steps.filter(step => step.objects.length > 0)
}

/**
 * Takes the engine and the synchronization out of a cluster; what was reconciled stays. While it works it holds the
 * Leases of all engines, so that no engine takes the end of an object for a wish to prune. Each step looks anew, so a run that was
 * ended anywhere is finished by the next one.
 *
 * @returns the steps that were taken
 * @throws E_UNINSTALL_FLUX, E_UNINSTALL_ENGINE, E_TIMEOUT
 */
export async function uninstall(request: UninstallRequest): Promise<UninstallStep[]> {
  const { client, clock, signal, logger = silentLogger } = request
  const effect: EffectSeam = request.effect ?? ((_name, work) => work())
  const found = await inspectInstalled(request)
  const steps = uninstallSteps(found)
  if (steps.length === 0) return steps
  const step = async (id: UninstallStep['id'], work: () => Promise<void>) => {
    const one = steps.find(each => each.id === id)
    if (!one) return
    request.onStep?.(one.title)
    await effect(`uninstall.${id}`, work)
  }
  const cache = new WatchCache(client, { clock, logger })
  try {
    await step('engine', () => removeAll(request, cache, found.deployments, () => untilNoPods(request)))
    await withEngineLeases(request, logger, async () => {
      await step('finalizers', async () => {
        for (const object of found.held) await letGo(request, object)
      })
      // New objects may have come since: what is held now counts, and the definitions are what they go with.
      await step('definitions', async () => {
        for (const object of (await inspectInstalled(request)).held) await letGo(request, object)
        await removeAll(request, cache, found.definitions)
        client.invalidateDiscovery()
      })
      await step('parts', () => removeAll(request, cache, found.parts))
      // Looked at again: somebody may have put something there meanwhile.
      await step('namespace', async () => {
        const { namespace } = await inspectInstalled(request)
        if (namespace) await removeAll(request, cache, [namespace])
      })
    })
  } finally {
    cache.stop()
  }
  signal.throwIfAborted()
  return steps
}

/** Takes the engine's finalizer off an object, and no other. */
async function letGo({ client, signal }: UninstallRequest, object: KubeObject): Promise<void> {
  const ref = refOf(object)
  for (let attempt = 1; ; attempt++) {
    const live = await client.find(ref, { signal })
    if (!live?.metadata.finalizers?.includes(finalizer)) return
    const finalizers = live.metadata.finalizers.filter(one => one !== finalizer)
    const { resourceVersion } = live.metadata
    try {
      await client.patch(
        ref,
        'merge',
        { metadata: { finalizers, resourceVersion } },
        { fieldManager: 'sluice', signal },
      )
      return
    } catch (error) {
      if (isNotFound(error)) return
      if (!isConflict(error) || attempt === 5) throw error
    }
  }
}

/** Deletes objects, each only while it is the very one that was looked at, and waits until they are gone. */
async function removeAll(
  { client, signal, timeoutMs }: UninstallRequest,
  cache: WatchCache,
  objects: readonly KubeObject[],
  then: () => Promise<void> = async () => {},
): Promise<void> {
  for (const object of objects) {
    const uid = object.metadata.uid
    const preconditions = uid === undefined ? {} : { preconditions: { uid } }
    await client.delete(refOf(object), { ...preconditions, propagationPolicy: 'Background', signal }).catch(error => {
      if (!isNotFound(error)) throw error
    })
  }
  const timeUp = AbortSignal.timeout(timeoutMs)
  for (const object of objects) {
    const gone = (one: KubeObject | undefined) => one?.metadata.uid !== object.metadata.uid
    await cache.waitFor(refOf(object), gone, AbortSignal.any([signal, timeUp])).catch(error => {
      signal.throwIfAborted()
      if (!timeUp.aborted) throw error
      throw new SluiceError('E_TIMEOUT', { object: formatRef(refOf(object)), expected: 'to be gone', cause: error })
    })
  }
  await then()
}

/** An engine whose Deployment is gone may still be at work for the time that it was granted. */
async function untilNoPods({ client, clock, namespace, signal, timeoutMs }: UninstallRequest): Promise<void> {
  const started = clock.monotonic()
  const selector = oursSelector(namespace)
  for (;;) {
    const { items } = await client.list(
      { group: '', version: 'v1', kind: 'Pod' },
      { namespace, labelSelector: selector, signal },
    )
    const [pod] = items
    if (!pod) return
    if (clock.monotonic() - started > timeoutMs)
      throw new SluiceError('E_TIMEOUT', { object: formatRef(refOf(pod)), expected: 'to be gone' })
    await clock.sleep(500, signal)
  }
}

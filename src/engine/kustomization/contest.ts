import { formatRef, refOf } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { Kustomization } from '../../specs/flux/kustomization.ts'
import type { EngineContext } from '../context.ts'
import { applyManager } from '../contract.ts'

/** Says who writes to an object of a Kustomization again and again. `id` is the object's `refKey`. */
export function tellContest(engine: EngineContext, object: Kustomization, id: string): void {
  const { namespace = '', name = '' } = object.metadata
  const live = engine.live.getByKey(id)?.object
  const what = live === undefined ? `an object (${id}) is deleted` : `${formatRef(refOf(live))} is changed`
  const writer = live && lastWriter(live)
  const who = writer === undefined ? 'somebody' : `field manager "${writer}"`
  const message = `${what} by ${who} again and again: from now on it is put back less and less often, every 30s at most`
  const about = { kind: 'Kustomization', namespace, name } as const
  engine.emit({ time: engine.clock.now(), severity: 'error', about, reason: 'DriftContested', message }, object)
}

/** The field manager that wrote last to what can be configured, but for the engine itself. */
export function lastWriter(object: KubeObject): string | undefined {
  const entries = (object.metadata.managedFields ?? []).filter(
    ({ manager, subresource }) => manager !== undefined && manager !== applyManager && !subresource,
  )
  entries.sort((a, b) => ((a.time ?? '') < (b.time ?? '') ? 1 : -1))
  return entries[0]?.manager
}

import { valueAt } from '../../base/json.ts'
import type { NamedFluxKind } from '../../fleet/flux-kinds.ts'
import { conditionOf } from '../../kube/condition.ts'
import type { KubeObject } from '../../kube/object.ts'
import { standing } from './slim.ts'
import type { GraphNode } from './types.ts'

type Stand = Pick<GraphNode, 'state' | 'word' | 'suspended'> & Partial<Pick<GraphNode, 'message' | 'since' | 'touched'>>

/** Reasons of Ready=False that end by themselves. */
const waiting = new Set(['DependencyNotReady', 'Progressing', 'ProgressingWithRetry', 'ReconciliationCanceled'])

/** How an object of Flux stands: by its Ready condition, for exactly its current generation. */
export function fluxStand(object: KubeObject, kind: NamedFluxKind): Stand {
  const ready = conditionOf(object, 'Ready')
  const since = ready?.lastTransitionTime
  const about = {
    ...(since === undefined ? {} : { since }),
    ...(ready?.message ? { message: ready.message.slice(0, 2000) } : {}),
  }
  if (valueAt(object, ['spec', 'suspend']) === true)
    return { state: 'paused', word: 'Suspended', suspended: true, message: 'nothing is done until it is resumed' }
  const suspended = false
  if (object.metadata.deletionTimestamp !== undefined)
    return { state: 'moving', word: 'Being deleted', suspended, ...about }
  if (ready === undefined) {
    // A HelmRepository of type oci, an Alert and a Provider have nothing to say: they are only read.
    const silent = kind.role === 'notification' || valueAt(object, ['spec', 'type']) === 'oci'
    if (silent) return { state: 'agreed', word: 'Read only', suspended }
    return { state: 'attention', word: 'Not looked at', suspended, message: 'no engine has looked at it yet' }
  }
  const current = valueAt(object, ['status', 'observedGeneration']) === object.metadata.generation
  if (ready.status === 'False') {
    if (ready.reason === 'DependencyNotReady') return { state: 'moving', word: 'Waits', suspended, ...about }
    if (waiting.has(ready.reason ?? '')) return { state: 'moving', word: 'Moving', suspended, ...about }
    return { state: 'broken', word: ready.reason?.slice(0, 60) || 'Failed', suspended, ...about }
  }
  if (ready.status !== 'True' || !current) return { state: 'moving', word: 'Moving', suspended, ...about }
  return { state: 'agreed', word: 'Ready', suspended, ...(since === undefined ? {} : { since }) }
}

/** How an object stands that something applied: by its health, then by who else wrote it. */
export function appliedStand(object: KubeObject): Stand {
  const { status, message, touched } = standing(object)
  const about = message === '' ? {} : { message }
  const suspended = false
  switch (status) {
    case 'Failed':
      return { state: 'broken', word: 'Failed', suspended, ...about }
    case 'InProgress':
      return { state: 'moving', word: 'Moving', suspended, ...about }
    case 'Terminating':
      return { state: 'moving', word: 'Being deleted', suspended, ...about }
    case 'Unknown':
      return { state: 'attention', word: 'Unknown', suspended, ...about }
    default:
      if (touched === undefined) return { state: 'agreed', word: 'Current', suspended }
      return {
        state: 'attention',
        word: 'Changed',
        suspended,
        message: `${touched.manager} changed it after it was applied from Git`,
        since: touched.at,
        touched,
      }
  }
}

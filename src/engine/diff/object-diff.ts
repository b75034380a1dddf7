import type { ObjectRef } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import { type FieldChange, fieldChanges } from './field-changes.ts'
import { shown } from './mask.ts'

/** What a change would do to one object. Values of Secrets are masked. */
export interface ObjectDiff {
  readonly ref: ObjectRef
  /** `skip`: an annotation keeps it as it is; `refused`: the server would not take it, see `message`. */
  readonly action: 'create' | 'configure' | 'unchanged' | 'delete' | 'skip' | 'refused'
  readonly changes: readonly FieldChange[]
  readonly before?: KubeObject
  readonly after?: KubeObject
  readonly message?: string
}

/** Objects asked about at once. */
const parallel = 8

/** Does something for each item, some at once; results come in the order of the items. */
export async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  const queue = [...items.entries()]
  const runner = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) results[next[0]] = await work(next[1])
  }
  await Promise.all(Array.from({ length: Math.min(parallel, queue.length) }, runner))
  return results
}

/** The difference between an object as it is and as it will be, ready to be shown. */
export function diffOf(ref: ObjectRef, live: KubeObject | undefined, next: KubeObject | undefined): ObjectDiff {
  const { before, after } = shown(live, next)
  const changes = fieldChanges(before ?? {}, after ?? {})
  const action = live === undefined ? 'create' : next === undefined ? 'delete' : 'configure'
  return {
    ref,
    action: action === 'configure' && changes.length === 0 ? 'unchanged' : action,
    changes: action === 'configure' ? changes : [],
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  }
}

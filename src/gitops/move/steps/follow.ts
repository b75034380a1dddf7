import type { GitOpsStep } from '../../steps.ts'
import { awaitedNow, followTo } from '../follow.ts'
import { foundIn, placeNow } from '../found.ts'
import { applySync } from '../sync-objects.ts'
import type { MoveContext, MoveState } from '../types.ts'
import { shortPlace } from '../write.ts'

/** Waits until the cluster looks at the new place and has applied what is there. */
export const followStep: GitOpsStep<MoveContext, MoveState> = {
  id: 'follow',
  title: 'wait until the cluster follows the new place',
  async inspect(context, state) {
    const place = placeNow(state)
    const waiting = await awaitedNow(context, state, place)
    if (waiting === undefined) return { state: 'done', summary: `it follows ${shortPlace(place)}`, changes: [] }
    return { state: 'to-do', summary: `wait until it follows ${shortPlace(place)}`, changes: [] }
  },
  async apply(context, state) {
    const place = placeNow(state)
    const { gone } = foundIn(state)
    await followTo(context, state, place, gone === undefined ? undefined : () => applySync(context, state))
    return `it follows ${shortPlace(place)}`
  },
}

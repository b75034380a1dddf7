import { SluiceError } from '../../base/errors/index.ts'
import type { Place } from './place.ts'
import type { Found, MoveState } from './types.ts'

/** What the first step found. */
export function foundIn({ found }: MoveState): Found {
  if (found) return found
  throw new SluiceError('E_INTERNAL', { object: 'gitops move', seen: 'a step before the first one' })
}

/** The place as the cluster shall have it before the last step: with the Secret that serves both places. */
export function placeNow(state: MoveState): Place {
  return { ...foundIn(state).to, secret: state.secret }
}

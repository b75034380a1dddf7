import { syncSecretName } from '../../bootstrap/index.ts'

/**
 * The Secret that a cluster fetches with from its new place, while the old place still needs the old one. It is gone again
 * when the move has ended.
 */
export const movingSecret = `${syncSecretName}-moving`

/** On that Secret: the address that was followed before, for a run that finds the switch done. */
export const movedFromAnnotation = 'fleet.sluice.dev/moved-from'

import { gitHubStates } from './github-states.ts'
import { gitLabStates } from './gitlab-states.ts'
import type { State } from './open.ts'
import { otherStates } from './other-states.ts'

/** The matrix: every forge, every way in which a token or its host is not as it should be. */
export const states: readonly State[] = [...gitHubStates, ...gitLabStates, ...otherStates]

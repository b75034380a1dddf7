import type { Clock } from '../../base/clock.ts'
import type { SluiceError } from '../../base/errors/index.ts'
import type { CheckFinding } from '../checklist.ts'
import type { Forge, ForgeIdentity, ForgeOwner, ForgeRepository, TokenTarget } from '../types.ts'

/** What people call things on a host. */
export interface ForgeWords {
  /** `GitLab`. */
  readonly brand: string
  /** What holds the repositories of several people: `organization`, `group`, `workspace`. */
  readonly group: string
  /** What the host calls a repository: `repository`, `project`. */
  readonly repository: string
  /** The page on which visibility and archiving are set. */
  readonly settingsPage: (repository: ForgeRepository) => string
  /** The page on which the rules of branches are set. */
  readonly branchPage: (repository: ForgeRepository) => string
  /** The page on which an invitation to a group is accepted. */
  readonly invitationPage: (group: string) => string
  /** The role that may push. */
  readonly pushRole: string
  /** The role that may add deploy keys and webhooks. */
  readonly adminRole: string
  /** The right of the token without which git refuses to push. */
  readonly pushRight: string
  /** How to let the token see whether its account is in a group. */
  readonly membershipRight: string
}

/** A forge that the common checks can look at. */
export interface CheckedForge extends Forge {
  readonly clock: Clock
  readonly words: ForgeWords
  /** The page on which a new token is made. */
  readonly tokenPage: string
  /** What the token may do, by what it says of itself; throws E_TOKEN_SCOPE or E_TOKEN_WRONG_KIND when that is too little. */
  judgeRights(identity: ForgeIdentity, target: TokenTarget): CheckFinding
  /** Why this token cannot create a repository even where its account may; undefined when nothing speaks against it. */
  createProblem(identity: ForgeIdentity, target: TokenTarget): SluiceError | undefined
}

/** What the checks hand on to each other. */
export interface CheckState {
  readonly forge: CheckedForge
  readonly target: TokenTarget
  identity?: ForgeIdentity
  owner?: ForgeOwner
  /** Null when the repository is not there. */
  repository?: ForgeRepository | null
}

/** The name of a repository for people. */
export function repositoryTitle({ forge, target }: CheckState): string {
  return `${forge.words.repository} ${target.owner}/${target.repository}`
}

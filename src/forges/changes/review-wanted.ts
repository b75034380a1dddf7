import { SluiceError } from '../../base/errors/index.ts'
import type { BranchProtection, Forge } from '../types.ts'
import type { ReviewMode } from './types.ts'

/** A branch of a repository. */
export interface BranchOf {
  readonly forge: Forge
  readonly owner: string
  readonly repository: string
  readonly branch: string
  readonly signal?: AbortSignal | undefined
}

/**
 * Why a change of the branch goes through a request, in words; undefined when it is pushed. Rules that the token may not
 * read count as none: the push is tried, and a refusal tells. Reads only.
 */
export async function reviewWanted(at: BranchOf, mode: ReviewMode): Promise<string | undefined> {
  if (mode === 'never') return undefined
  if (mode === 'always') return 'a request was asked for'
  const rules = await readRules(at)
  if (!rules?.requiresPullRequest || rules.mayPush === true) return undefined
  if (rules.adminsBypass && (await isAdmin(at))) return undefined
  return `a rule of ${at.branch} wants one`
}

async function isAdmin({ forge, owner, repository, signal }: BranchOf): Promise<boolean> {
  return (await forge.repository(owner, repository, signal))?.permissions.admin === true
}

async function readRules({
  forge,
  owner,
  repository,
  branch,
  signal,
}: BranchOf): Promise<BranchProtection | undefined> {
  if (!forge.capabilities.branchProtection) return undefined
  try {
    return await forge.branchProtection(owner, repository, branch, signal)
  } catch (error) {
    const hidden = ['E_TOKEN_SCOPE', 'E_FORGE_FORBIDDEN', 'E_FORGE_REPOSITORY_NOT_FOUND']
    if (error instanceof SluiceError && hidden.includes(error.code)) return undefined
    throw error
  }
}
